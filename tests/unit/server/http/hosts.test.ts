import { describe, expect, it } from 'vitest';
import { hostname, isAllowedOrigin, isKnownHost, isLoopback } from '../../../../server/http/hosts.ts';

describe('isLoopback', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
  ])('knows %s', (host) => expect(isLoopback(host)).toBe(true));
  it.each([
    '0.0.0.0',
    '192.168.1.2',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '::',
    '::2',
    '',
    '1127.0.0.1',
  ])('refuses %s', (host) => expect(isLoopback(host)).toBe(false));
});

describe('hostname', () => {
  it.each([
    ['a.example:80', 'a.example'],
    ['a.example', 'a.example'],
    ['[::1]:4173', '[::1]'],
    ['127.0.0.1:1', '127.0.0.1'],
  ])('%s is %s', (header, name) => expect(hostname(header)).toBe(name));
  it.each([undefined, '', 'a b', 'a;b', "a'b", 'a:b:c', 'a@b', 'x\r\ny', 'a,b'])('refuses %j', (header) =>
    expect(hostname(header)).toBeUndefined(),
  );
});

describe('isKnownHost', () => {
  it('answers to loopback names and to the origins given, with their port', () => {
    expect(isKnownHost('localhost:4173', [])).toBe(true);
    expect(isKnownHost('rebound.evil.example:4173', [])).toBe(false);
    expect(isKnownHost(undefined, [])).toBe(false);
    expect(isKnownHost('sensors.example', ['https://sensors.example'])).toBe(true);
    expect(isKnownHost('sensors.example:8443', ['https://sensors.example'])).toBe(false);
  });
});

describe('isAllowedOrigin', () => {
  it('passes its own page and clients that are no browsers', () => {
    expect(isAllowedOrigin(undefined, 'a.example', false, [])).toBe(true);
    expect(isAllowedOrigin('http://a.example', 'a.example', false, [])).toBe(true);
    expect(isAllowedOrigin('http://a.example', 'a.example:80', false, [])).toBe(true);
    expect(isAllowedOrigin('https://a.example:8443', 'a.example:8443', true, [])).toBe(true);
  });
  it('refuses another scheme, host or port, and no origin at all', () => {
    expect(isAllowedOrigin('https://a.example', 'a.example', false, [])).toBe(false);
    expect(isAllowedOrigin('http://b.example', 'a.example', false, [])).toBe(false);
    expect(isAllowedOrigin('http://a.example:81', 'a.example', false, [])).toBe(false);
    expect(isAllowedOrigin('null', 'a.example', false, [])).toBe(false);
    expect(isAllowedOrigin('', '', false, [])).toBe(false);
    expect(isAllowedOrigin('http://a.example', undefined, false, [])).toBe(false);
  });
  it('passes what was added', () => {
    expect(isAllowedOrigin('https://b.example', 'a.example', false, ['https://b.example/'])).toBe(true);
  });
});
