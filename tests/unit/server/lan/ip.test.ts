import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, isInside, networkBytes, PRIVATE_NETWORKS } from '../../../../server/lan/ip.ts';

describe('addressBytes', () => {
  it.each([
    ['192.168.1.20', 'c0a80114'],
    ['::1', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['fd12:3456::1', 'fd123456000000000000000000000001'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['fe80::', 'fe800000000000000000000000000000'],
  ])('%s', (address, hex) => expect(Buffer.from(addressBytes(address)).toString('hex')).toBe(hex));

  it('reads every IPv6 address as the groups it was written from', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
        const text = groups.map((group) => group.toString(16)).join(':');
        // The URL parser writes the shortest form, with :: where it can.
        const short = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        expect(addressBytes(short)).toEqual(addressBytes(text));
        expect(addressBytes(text)).toHaveLength(16);
      }),
    );
  });

  it('refuses what is no address', () => expect(() => addressBytes('a.example')).toThrow('not an IP address'));
});

describe('networks', () => {
  it('are an address and its mask', () => {
    expect(Buffer.from(networkBytes({ address: '172.16.0.0', prefix: 12 })).toString('hex')).toBe('ac100000fff00000');
    expect(Buffer.from(networkBytes({ address: '1.2.3.4', prefix: 32 })).toString('hex')).toBe('01020304ffffffff');
  });
  it('tell private from public', () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '172.31.255.1', '192.168.0.1', '::1', 'fd00::1', '100.64.0.1']) {
      expect(isInside(address, PRIVATE_NETWORKS), address).toBe(true);
    }
    for (const address of ['8.8.8.8', '172.32.0.1', '2001:db8::1', '100.128.0.1']) {
      expect(isInside(address, PRIVATE_NETWORKS), address).toBe(false);
    }
  });
});
