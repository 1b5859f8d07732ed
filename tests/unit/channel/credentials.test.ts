import { describe, expect, it } from 'vitest';
import { checkAccessToken, createCredentials } from '../../../src/channel/credentials.ts';
import type { SettingsPort } from '../../../src/channel/ports.ts';
import type { RestClient } from '../../../src/channel/rest-client.ts';
import { appError, type ErrorCode } from '../../../src/model/errors.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { memorySettings } from '../../../src/outbox/database.ts';

const DAY = 24 * 3600 * 1000;

function setUp(settings: SettingsPort = memorySettings()) {
  const world = {
    now: 1_700_000_000_000,
    minted: 0,
    /** What the server answers instead of a guest. */
    refuse: undefined as ErrorCode | undefined,
    hold: undefined as Promise<void> | undefined,
  };
  const rest: RestClient = {
    async mintGuest(displayName) {
      await world.hold;
      if (world.refuse) return fail(appError(world.refuse));
      const id = `${displayName}${(world.minted += 1)}`;
      return ok({ guest_id: id, token: 't', bearer_token: `guest:${id}:t`, socket_token: `socket-${id}` });
    },
    mintViewerToken: () => Promise.resolve(fail(appError('server-no-viewer-tokens'))),
  };
  const make = () => createCredentials({ settings, rest, now: () => world.now, displayName: () => 'tab' });
  return { world, settings, make, credentials: make() };
}

const broken: SettingsPort = {
  get: () => Promise.reject(new Error('gone')),
  set: () => Promise.reject(new Error('full')),
};

describe('a guest', () => {
  it('is made once, however many ask at the same time', async () => {
    const { world, credentials } = setUp();
    expect(await Promise.all([credentials.bearer(), credentials.load(), credentials.bearer()])).toEqual([
      'guest:tab1:t',
      ok(undefined),
      'guest:tab1:t',
    ]);
    expect(await credentials.bearer()).toBe('guest:tab1:t');
    expect(credentials.socketToken()).toBe('socket-tab1');
    expect(world.minted).toBe(1);
  });

  it('is the same after a reload', async () => {
    const { world, credentials, make } = setUp();
    await credentials.load();
    const reloaded = make();
    expect(reloaded.socketToken()).toBeUndefined();
    expect(await reloaded.bearer()).toBe('guest:tab1:t');
    expect(reloaded.socketToken()).toBe('socket-tab1');
    expect(world.minted).toBe(1);
  });

  it('is replaced after 25 days, not a day before', async () => {
    const { world, credentials } = setUp();
    await credentials.load();
    world.now += 25 * DAY - 1;
    expect(await credentials.bearer()).toBe('guest:tab1:t');
    world.now += 1;
    expect(await credentials.bearer()).toBe('guest:tab2:t');
  });

  it('that is old is better than none while the server cannot make another', async () => {
    const { world, credentials } = setUp();
    await credentials.load();
    world.now += 26 * DAY;
    world.refuse = 'server-unreachable';
    expect(await credentials.load()).toEqual(ok(undefined));
    expect(await credentials.bearer()).toBe('guest:tab1:t');
  });

  it('is made later if there is no server now', async () => {
    const { world, credentials } = setUp();
    world.refuse = 'server-unreachable';
    expect(await credentials.load()).toEqual(fail(appError('server-unreachable')));
    expect(await credentials.bearer()).toBe('missing');
    expect(credentials.socketToken()).toBeUndefined();
    world.refuse = undefined;
    expect(await credentials.bearer()).toBe('guest:tab1:t');
  });

  it('works without storage, and is not made anew for each join', async () => {
    const { world, credentials } = setUp(broken);
    expect(await credentials.bearer()).toBe('guest:tab1:t');
    expect(await credentials.bearer()).toBe('guest:tab1:t');
    expect(world.minted).toBe(1);
  });

  it('is made when what was stored is something else', async () => {
    const settings = memorySettings();
    await settings.set('credential', { kind: 'guest', bearer: 7 });
    expect(await setUp(settings).credentials.bearer()).toBe('guest:tab1:t');
  });
});

describe('renewal', () => {
  it('makes one guest for all joins that were refused together', async () => {
    const { world, credentials } = setUp();
    await credentials.load();
    expect(await Promise.all([credentials.renew(), credentials.renew(), credentials.renew()])).toEqual([
      true,
      true,
      true,
    ]);
    expect(world.minted).toBe(2);
    expect(await credentials.bearer()).toBe('guest:tab2:t');
  });

  it('covers joins that still used the old one, and ends when the new one is refused too', async () => {
    const { world, credentials } = setUp();
    await credentials.load();
    await credentials.renew();
    world.now += 4999;
    expect(await credentials.renew()).toBe(true);
    world.now += 1;
    expect(await credentials.renew()).toBe(false);
    world.now += 55_000;
    expect(await credentials.renew()).toBe(true);
    expect(world.minted).toBe(3);
  });

  it.each<[ErrorCode, boolean | 'later']>([
    ['server-unreachable', 'later'],
    ['server-rate-limited', 'later'],
    ['server-no-guests', false],
    ['server-refused', false],
  ])('when making one fails with %s', async (code, renewed) => {
    const { world, credentials } = setUp();
    await credentials.load();
    world.refuse = code;
    expect(await credentials.renew()).toBe(renewed);
    world.refuse = undefined;
    expect(await credentials.renew()).toBe(true);
  });
});

describe('a given token', () => {
  it('is used from then on, also after a reload, and never renewed', async () => {
    const { world, credentials, make } = setUp();
    await credentials.load();
    expect(await credentials.use('jwt')).toEqual(ok(undefined));
    expect(await credentials.bearer()).toBe('jwt');
    expect(credentials.socketToken()).toBeUndefined();
    expect(await credentials.renew()).toBe(false);
    expect(await make().bearer()).toBe('jwt');
    expect(world.minted).toBe(1);
  });

  it('is not replaced by a guest that was being made', async () => {
    const { world, credentials } = setUp();
    let go = (): void => undefined;
    world.hold = new Promise((resolve) => (go = resolve));
    const loaded = credentials.load();
    await credentials.use('jwt');
    go();
    await loaded;
    expect(await credentials.bearer()).toBe('jwt');
  });

  it('that cannot be stored is used until the tab closes, and that is said', async () => {
    const { credentials } = setUp(broken);
    expect(await credentials.use('jwt')).toMatchObject({ ok: false, error: { code: 'storage-unavailable' } });
    expect(await credentials.bearer()).toBe('jwt');
  });

  it.each([
    ['  abc.def \n', ok('abc.def')],
    ['', undefined],
    ['   ', undefined],
    ['Bearer abc', undefined],
  ])('as pasted: %j', (text, expected) => {
    const checked = checkAccessToken(text);
    if (expected) expect(checked).toEqual(expected);
    else expect(checked).toMatchObject({ ok: false, error: { code: 'server-unauthorized' } });
  });
});
