import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forwardedHeaders, pairs, returnedHeaders } from '../../../../server/proxy/headers.ts';

const UPSTREAM = new URL('https://sensocto.example:8443');

describe('forwardedHeaders', () => {
  it('names the upstream as host and origin, and keeps the rest as it was', () => {
    const raw = [
      'Host',
      'localhost:4173',
      'Origin',
      'http://localhost:4173',
      'Cookie',
      'a=1',
      'X-Odd',
      '1',
      'X-Odd',
      '2',
    ];
    expect(forwardedHeaders(raw, UPSTREAM, false)).toEqual([
      ...['host', 'sensocto.example:8443', 'Origin', 'https://sensocto.example:8443'],
      ...['Cookie', 'a=1', 'X-Odd', '1', 'X-Odd', '2'],
    ]);
  });
  it('adds no origin where there was none', () => {
    expect(forwardedHeaders(['Host', 'x'], UPSTREAM, false)).toEqual(['host', 'sensocto.example:8443']);
  });
  it('drops what belongs to one connection, and what Connection names', () => {
    const raw = [
      'Connection',
      'keep-alive, X-Mine',
      'X-Mine',
      '1',
      'Keep-Alive',
      '5',
      'TE',
      'trailers',
      'Accept',
      '*/*',
    ];
    expect(forwardedHeaders(raw, UPSTREAM, false).slice(2)).toEqual(['Accept', '*/*']);
  });
  it('keeps an upgrade an upgrade', () => {
    const raw = ['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Key', 'k'];
    expect(forwardedHeaders(raw, UPSTREAM, true).slice(2)).toEqual(raw);
  });
  it('never lets our own host through, whatever the headers', () => {
    const names = fc.constantFrom('host', 'Host', 'HOST', 'origin', 'accept', 'connection');
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.constantFrom('ours.example', 'close'))), (list) => {
        const out = pairs(forwardedHeaders(list.flat(), UPSTREAM, false));
        expect(out.filter(([name]) => name.toLowerCase() === 'host')).toEqual([['host', UPSTREAM.host]]);
        expect(
          out.filter(([name]) => name.toLowerCase() === 'origin').every(([, value]) => value === UPSTREAM.origin),
        ).toBe(true);
      }),
    );
  });
});

describe('returnedHeaders', () => {
  it('makes cookies ours', () => {
    expect(
      returnedHeaders(['Set-Cookie', 'a=1; Domain=sensocto.example; Path=/; HttpOnly', 'set-cookie', 'b=2'], UPSTREAM),
    ).toEqual([...['Set-Cookie', 'a=1; Path=/; HttpOnly', 'set-cookie', 'b=2']]);
  });
  it.each([
    ['https://sensocto.example:8443/lobby?x=1#y', '/lobby?x=1#y'],
    ['/sign-in', '/sign-in'],
    ['https://elsewhere.example/a', 'https://elsewhere.example/a'],
    ['lobby', 'lobby'],
  ])('keeps redirects to the upstream here: %s', (location, result) => {
    expect(returnedHeaders(['Location', location], UPSTREAM)).toEqual(['Location', result]);
  });
  it('drops connection headers', () => {
    expect(returnedHeaders(['Transfer-Encoding', 'chunked', 'Connection', 'close', 'ETag', '"x"'], UPSTREAM)).toEqual([
      'ETag',
      '"x"',
    ]);
  });
});
