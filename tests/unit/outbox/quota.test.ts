import { describe, expect, it, vi } from 'vitest';
import { budgetFor, storageFacts } from '../../../src/outbox/quota.ts';

describe('storage facts', () => {
  const estimate = () => Promise.resolve({ usage: 5, quota: 100 });

  it('asks to keep things only when it may', async () => {
    const persist = vi.fn(() => Promise.resolve(true));
    const storage = { estimate, persist, persisted: () => Promise.resolve(false) };
    expect(await storageFacts(storage, false)).toEqual({ persisted: false, usage: 5, quota: 100 });
    expect(persist).not.toHaveBeenCalled();
    expect(await storageFacts(storage, true)).toEqual({ persisted: true, usage: 5, quota: 100 });
  });

  it('in a worker, where asking is not possible, tells what there is', async () => {
    const storage = { estimate, persisted: () => Promise.resolve(true) };
    expect((await storageFacts(storage, true)).persisted).toBe(true);
  });

  it.each([
    ['has none of it', undefined],
    [
      'refuses',
      {
        estimate: () => Promise.reject(new TypeError('opaque origin')),
        persisted: () => {
          throw new TypeError('opaque origin');
        },
      },
    ],
  ])('knows nothing where the browser %s', async (_why, storage) => {
    expect(await storageFacts(storage, true)).toEqual({ persisted: undefined, usage: undefined, quota: undefined });
  });
});

describe('budget', () => {
  it.each([
    [undefined, 32 * 2 ** 20],
    [1000, 32 * 2 ** 20],
    [2 ** 30, 2 ** 29],
    [2 ** 40, 2 ** 30],
  ])('of a quota of %s is %s bytes', (quota, bytes) => {
    expect(budgetFor({ quota })).toBe(bytes);
  });
});
