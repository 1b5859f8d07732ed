import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddressOf, requestIdOf } from '../../../../server/http/context.ts';

function from(remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddressOf({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);
}

describe('clientAddressOf', () => {
  it('believes X-Forwarded-For only from this machine', () => {
    expect(from('127.0.0.1', '203.0.113.7, 10.0.0.1')).toBe('203.0.113.7');
    expect(from('::ffff:127.0.0.1', '203.0.113.7')).toBe('203.0.113.7');
    expect(from('192.168.1.9', '203.0.113.7')).toBe('192.168.1.9');
  });
  it('falls back to the peer when the header holds no address', () => {
    expect(from('127.0.0.1', 'unknown')).toBe('127.0.0.1');
    expect(from('127.0.0.1', '')).toBe('127.0.0.1');
  });
  it('counts IPv6 by /64 and mapped IPv4 as IPv4', () => {
    expect(from('2001:db8:1:2:3:4:5:6')).toBe(from('2001:db8:1:2::9'));
    expect(from('2001:db8:1:2::9')).not.toBe(from('2001:db8:1:3::9'));
    expect(from('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(from('::ffff:192.168.1.9')).toBe('192.168.1.9');
  });
});

describe('requestIdOf', () => {
  it('keeps 20 to 200 harmless characters', () => {
    expect(requestIdOf('a'.repeat(20))).toBe('a'.repeat(20));
    expect(requestIdOf('a'.repeat(200))).toBe('a'.repeat(200));
  });
  it.each([undefined, '', 'a'.repeat(19), 'a'.repeat(201), `${'a'.repeat(20)}\n`, `<script>${'a'.repeat(20)}`])(
    'replaces %j',
    (inbound) => expect(requestIdOf(inbound)).toMatch(/^[0-9a-f-]{36}$/),
  );
});
