import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { lanAddresses, localNames } from '../../../../server/lan/addresses.ts';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, netmask: '', mac: '', internal, cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' };
}

describe('lanAddresses', () => {
  it('puts IPv4 of real interfaces first, virtual ones last, and leaves out what no other device can use', () => {
    expect(
      lanAddresses({
        lo: [info('127.0.0.1', true)],
        docker0: [info('172.17.0.1')],
        wlan0: [info('fe80::1'), info('fd00::5'), info('192.168.1.20')],
        gone: undefined,
      }),
    ).toEqual(['192.168.1.20', 'fd00::5', '172.17.0.1']);
  });
});

describe('localNames', () => {
  it('adds .local, and only names that a certificate can carry', () => {
    expect(localNames('Studio')).toEqual(['localhost', 'studio', 'studio.local']);
    expect(localNames('Studio.local')).toEqual(['localhost', 'studio', 'studio.local']);
    expect(localNames('odd name')).toEqual(['localhost']);
    expect(localNames('')).toEqual(['localhost']);
  });
});
