import { describe, expect, it } from 'vitest';
import { blockLength, singleValue } from '../../../src/model/block.ts';
import { ACTOR, actorFor, appError, describeThrown, unreachable, type ErrorCode } from '../../../src/model/errors.ts';
import { fail, ok, type Result } from '../../../src/model/result.ts';

describe('blocks', () => {
  it('hold one value with its time', () => {
    const block = singleValue('heartrate', 1_795_428_484_382.5, 72);
    expect(blockLength(block)).toBe(1);
    expect([...block.times, ...block.values]).toEqual([1_795_428_484_382.5, 72]);
  });

  it('count structured values by their times', () => {
    const block = { kind: 'structured', attribute: 'battery', times: Float64Array.of(1, 2), payloads: [1, 2] } as const;
    expect(blockLength(block)).toBe(2);
  });
});

describe('errors', () => {
  it('leave detail out when there is none, so that they compare equal after cloning', () => {
    expect(Object.keys(appError('unexpected'))).toEqual(['code']);
    expect(structuredClone(appError('bluetooth-gatt', '0x0e'))).toEqual({ code: 'bluetooth-gatt', detail: '0x0e' });
  });

  it('name who must act for every code', () => {
    for (const code of Object.keys(ACTOR) as ErrorCode[]) expect(actorFor(code)).toBe(ACTOR[code]);
    expect(actorFor('bluetooth-adapter-off')).toBe('wearer');
  });

  it('describe whatever was thrown', () => {
    expect(describeThrown(new TypeError('no'))).toBe('TypeError: no');
    expect(describeThrown('text')).toBe('text');
    expect(describeThrown(undefined)).toBe('undefined');
  });

  it('stop at a case that cannot be', () => {
    expect(() => unreachable('x' as never)).toThrow('unreachable case: "x"');
  });
});

describe('results', () => {
  it('carry a value or an error', () => {
    const both: Result<number>[] = [ok(1), fail(appError('wire-shape'))];
    expect(both.map((result) => (result.ok ? result.value : result.error.code))).toEqual([1, 'wire-shape']);
  });
});
