/** Scripted devices as the app hands them out: with and without a radio, numbered by kind, marked as demo. */
import { describe, expect, it } from 'vitest';
import { createDemoDoor } from '../../../src/app/demo-door.ts';
import { DEMO_CATALOGUE } from '../../../src/app/demo-kinds.ts';
import { Demos } from '../../../src/app/demo.ts';
import type { DeviceLink, DeviceOrigin, LinkHooks } from '../../../src/app/device-origin.ts';
import { appError } from '../../../src/model/errors.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { fail, ok } from '../../../src/model/result.ts';
import { createManualClock, turns } from '../../support/manual-clock.ts';

function hooks(seen: Reading[]): LinkHooks {
  return {
    sensorId: 'demo-sensor',
    onBytes: () => expect.unreachable(),
    onReadings: (readings) => void seen.push(...readings),
    onSensorType: () => Promise.resolve(ok(undefined)),
    mappings: [],
    notes: new Map<string, number>(),
    onState: () => undefined,
    onLinkLost: () => undefined,
  };
}

async function linked(
  kind: string,
): Promise<{ link: DeviceLink; seen: Reading[]; clock: ReturnType<typeof createManualClock> }> {
  const clock = createManualClock();
  const seen: Reading[] = [];
  const origin = new Demos(clock).next(kind);
  if (!origin) throw new Error(`no ${kind}`);
  return { link: await origin.makeLink(hooks(seen)), seen, clock };
}

describe('scripted devices without a radio', () => {
  it('are numbered by kind, marked, and none of the radio’s', () => {
    const demos = new Demos(createManualClock());
    const asked = ['person', 'person', 'toy', 'strap', 'muse', 'nonsense', 'constructor'];
    expect(asked.map((kind) => demos.next(kind)).map((origin) => origin && [origin.id, origin.name])).toEqual([
      ['demo-person-1', 'Demo person 1'],
      ['demo-person-2', 'Demo person 2'],
      ['demo-toy-1', 'Demo toy 1'],
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    for (const { kind } of DEMO_CATALOGUE.filter(({ by }) => by === 'script'))
      expect(demos.next(kind)).toMatchObject({ demo: true, kind: 'script' });
    expect(demos.next('toy')?.sensorType).toBe('buttplug');
  });

  it('stream through a link whose sources can be switched, and end with it', async () => {
    const { link, seen, clock } = await linked('person');
    link.start();
    await clock.advance(3000);
    expect(link.state).toEqual({ at: 'live' });
    expect(link.sources?.map(({ state }) => state.at)).toEqual(['on', 'on', 'on', 'on', 'on', 'on']);
    expect(await link.switch?.('ecg', false)).toEqual(ok(undefined));
    seen.splice(0);
    await clock.advance(6000);
    expect(new Set(seen.map(({ attribute }) => attribute))).toEqual(new Set(['heartrate', 'spo2']));
    link.stop();
    seen.splice(0);
    await clock.advance(60_000);
    expect(seen).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('take commands where they have motors', async () => {
    const toy = await linked('toy');
    toy.link.start();
    expect(await toy.link.command({ command: 'vibrate', speed: 1 })).toEqual(ok(undefined));
    await toy.clock.advance(5000);
    const speeds = toy.seen.flatMap((one) =>
      one.attribute === 'vibrate' && one.kind === 'numeric' ? [...one.values] : [],
    );
    expect(speeds.at(-1)).toBeGreaterThan(0.99);
    const person = await linked('person');
    expect(await person.link.command({ command: 'stop' })).toEqual(fail(appError('command-unsupported', 'stop')));
  });
});

describe('the door to demos', () => {
  function door(add = (_: DeviceOrigin) => Promise.resolve(ok(undefined))) {
    const asked: string[] = [];
    const start = createDemoDoor({
      fromRadio(kind) {
        asked.push(`radio ${kind ?? ''}`);
        return Promise.resolve(
          kind === 'nonsense' ? fail(appError('source-unsupported', 'demo nonsense')) : ok(undefined),
        );
      },
      add(origin) {
        asked.push(`add ${origin.id}`);
        return add(origin);
      },
      clock: createManualClock(),
    });
    return { asked, start };
  }

  it('takes each kind from where it is', async () => {
    const { asked, start } = door();
    for (const kind of [undefined, 'strap', 'pupil-neon', 'muse', 'pupil-neon']) {
      expect(await start(kind)).toEqual(ok(undefined));
    }
    expect(await start('nonsense')).toEqual(fail(appError('source-unsupported', 'demo nonsense')));
    const [radio, neon] = ['radio ', 'add demo-pupil-neon-'];
    expect(asked).toEqual([radio, 'radio strap', `${neon}1`, 'radio muse', `${neon}2`, 'radio nonsense']);
    await turns();
  });

  it('says what went wrong instead of throwing', async () => {
    const { start } = door(() => Promise.reject(new Error('broken')));
    expect(await start('river')).toEqual(fail(appError('unexpected', 'Error: broken')));
  });
});
