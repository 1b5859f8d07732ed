import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestsTooDeep } from '../../../../server/socket/depth.ts';
import { handles, serializerVersion } from '../../../../server/socket/handshake.ts';

describe('handles', () => {
  it.each(['/socket/websocket', '/socket/websocket/', '/socket/websocket?vsn=2.0.0&token=a%2Fb'])('%s', (url) => {
    expect(handles(url)).toBe(true);
  });
  it.each([
    undefined,
    '/',
    '/socket',
    '/socket/longpoll',
    '/socket/websocketx',
    '/bridge/websocket',
    '?/socket/websocket',
  ])('not %s', (url) => {
    expect(handles(url)).toBe(false);
  });
});

describe('serializerVersion', () => {
  it.each([
    ['/x', 1],
    ['/x?token=1', 1],
    ['/x?vsn=1.0.0', 1],
    ['/x?vsn=2.0.0', 2],
    ['/x?a=b&vsn=2.0.7', 2],
    ['/x?vsn=', undefined],
    ['/x?vsn=2.1.0', undefined],
    ['/x?vsn=12.0.0', undefined],
    ['/x?vsn=2.0.0-rc', undefined],
  ])('%s → %s', (url, version) => {
    expect(serializerVersion(url)).toBe(version);
  });
});

describe('nestsTooDeep', () => {
  const bytes = (text: string) => Buffer.from(text);
  const nested = (depth: number, inner: string) => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;
  const padding = JSON.stringify('x'.repeat(5000));

  it('draws the line at 512, for frames large enough to matter', () => {
    expect(nestsTooDeep(bytes(nested(512, padding)))).toBe(false);
    expect(nestsTooDeep(bytes(nested(513, padding)))).toBe(true);
    expect(nestsTooDeep(bytes(nested(513, '1')))).toBe(false);
  });

  it('does not count brackets in strings, nor those that were closed', () => {
    expect(nestsTooDeep(bytes(JSON.stringify('[{\\"'.repeat(5000))))).toBe(false);
    expect(nestsTooDeep(bytes(`[${'[{}],'.repeat(3000)}1]`))).toBe(false);
  });

  it('lets nothing pass that could not be written again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), fc.boolean(), (depth, objects) => {
        const text = objects ? `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}` : nested(depth, '1');
        if (nestsTooDeep(bytes(text))) return;
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
