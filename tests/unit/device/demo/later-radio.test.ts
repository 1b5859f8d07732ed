/** A radio fetched when it is needed: works like the one it fetches, and says what is missing when it cannot. */
import { describe, expect, it } from 'vitest';
import { createLaterRadio } from '../../../../src/device/demo/later-radio.ts';
import { createScriptedRadio } from '../../../../src/device/demo/scripted-radio.ts';
import { appError } from '../../../../src/model/errors.ts';
import { ok } from '../../../../src/model/result.ts';

describe('a radio that is fetched later', () => {
  it('is fetched once, when it is first needed, and then answers itself', async () => {
    let fetched = 0;
    const scripted = createScriptedRadio({ remembered: ['demo-strap-3'] });
    const radio = createLaterRadio(() => Promise.resolve((fetched += 1)).then(() => scripted));
    expect(fetched).toBe(0);
    const heard: boolean[] = [];
    radio.onAdapterChange((on) => heard.push(on), new AbortController().signal);
    expect(await radio.request({ showAll: true })).toMatchObject({ ok: true, value: { demo: true } });
    expect((await radio.known()).map(({ id }) => id)).toContain('demo-strap-3');
    expect(await radio.capability()).toEqual(ok({ canReturn: true }));
    scripted.setAdapter(false);
    expect(heard).toEqual([false]);
    expect(fetched).toBe(1);
  });

  it('that cannot be fetched is an error and no devices, and is tried again', async () => {
    const tries: (() => Promise<ReturnType<typeof createScriptedRadio>>)[] = [
      () => Promise.reject(new TypeError('failed to fetch')),
      () => Promise.reject(new TypeError('failed to fetch')),
      () => Promise.reject(new TypeError('failed to fetch')),
      () => Promise.resolve(createScriptedRadio()),
    ];
    const radio = createLaterRadio(() => (tries.shift() ?? (() => Promise.resolve(createScriptedRadio())))());
    const broken = { ok: false, error: appError('unexpected', 'TypeError: failed to fetch') };
    expect(await radio.request({ showAll: true })).toEqual(broken);
    expect(await radio.known()).toEqual([]);
    const heard: boolean[] = [];
    radio.onAdapterChange((on) => heard.push(on), new AbortController().signal);
    await Promise.resolve();
    expect(await radio.request({ showAll: true })).toMatchObject({ ok: true });
    expect(heard).toEqual([false]);
  });
});
