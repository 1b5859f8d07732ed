/** Runs a scripted device as the app does: by its bytes through link and decoders, or by its sources. */
import { createLink } from '../../../../src/device/bluetooth/link.ts';
import { demoIdentity, type DemoKind } from '../../../../src/device/demo/catalogue.ts';
import { createScriptedRadio } from '../../../../src/device/demo/scripted-radio.ts';
import { createScriptDevice, isScriptDemo } from '../../../../src/device/demo/sources/models.ts';
import { createDecoders, createSpecs, PROFILES } from '../../../../src/device/profiles/registry.ts';
import { SourceLink } from '../../../../src/device/source-link.ts';
import type { DeviceCommand } from '../../../../src/model/command.ts';
import type { LinkState } from '../../../../src/model/link.ts';
import type { Reading } from '../../../../src/model/reading.ts';
import type { Result } from '../../../../src/model/result.ts';
import type { AttributeRegistration } from '../../../../src/model/sensor.ts';
import { manualTime, type ManualTime } from '../support/time.ts';

export interface Delivery {
  readonly reading: Reading;
  /** What the attribute was registered as; undefined: it was not. */
  readonly registered: AttributeRegistration | undefined;
  readonly arrival: number;
}

export interface Run {
  readonly time: ManualTime;
  /** Sets the clock forward, as a sleep does: no timer runs meanwhile. */
  sleep(ms: number): void;
  readonly deliveries: readonly Delivery[];
  /** Everything that left the device, in order, as text. */
  readonly transcript: readonly string[];
  /** Errors and problems of the decoders. */
  readonly errors: readonly string[];
  readonly facts: readonly string[];
  /** What the link took the device for. */
  readonly sensorTypes: readonly string[];
  /** ms of the processor for each turn of a timer. */
  readonly turns: readonly number[];
  state(): LinkState;
  command(command: DeviceCommand): Promise<Result<void>>;
  /** Once more, after it was stopped. */
  start(): void;
  stop(): void;
}

/** Starts device 1 of a kind. */
export async function startDemo(kind: DemoKind, seed = 1): Promise<Run> {
  const time = manualTime();
  const turns: number[] = [];
  let slept = 0;
  const clock = {
    now: () => time.now() + slept,
    after: (ms: number, task: () => void) =>
      time.timers.after(ms, () => {
        const start = performance.now();
        task();
        turns.push(performance.now() - start);
      }),
  };
  const run = isScriptDemo(kind)
    ? startScript(createScriptDevice(kind, demoIdentity(kind, 1, seed).seed, clock), clock)
    : await startRadio(kind, seed, clock);
  await time.advance(0);
  return { ...run, time, turns, sleep: (ms) => void (slept += ms) };
}

type Clock = ManualTime['timers'] & { now(): number };
type Parts = Omit<Run, 'time' | 'turns' | 'sleep'>;

async function startRadio(kind: DemoKind, seed: number, clock: Clock): Promise<Parts> {
  const radio = createScriptedRadio({ seed, timers: clock, now: () => clock.now() });
  const chosen = await radio.request({ showAll: true, kind });
  if (!chosen.ok) throw new Error(chosen.error.code);
  const deliveries: Delivery[] = [];
  const [transcript, errors, facts, sensorTypes]: [string[], string[], string[], string[]] = [[], [], [], []];
  const decoders = createDecoders();
  const specs = createSpecs();
  const link = createLink(chosen.value, {
    profiles: PROFILES,
    onBytes(key, given, arrival) {
      // As the app does it: what was given is empty afterwards, so no device may need it again.
      const bytes = structuredClone(given, { transfer: [given] });
      transcript.push(`${key} ${arrival} ${[...new Uint8Array(bytes)].join(',')}`);
      const decoded = decoders(key)?.(new DataView(bytes));
      if (!decoded) return void errors.push(`${key}: no decoder`);
      if (!decoded.ok) return void errors.push(`${decoded.error.code} ${decoded.error.detail}`);
      errors.push(...(decoded.value.problems ?? []).map(({ code, detail }) => `${code} ${detail}`));
      facts.push(...decoded.value.facts.map((fact) => JSON.stringify(fact)));
      for (const reading of decoded.value.readings) {
        const registered = specs(key)?.attributes.find(({ attribute }) => attribute === reading.attribute);
        deliveries.push({ reading, registered, arrival });
      }
    },
    onDiscovered: (profiles) => {
      sensorTypes.push(profiles[0]?.sensorType ?? '');
      return Promise.resolve({ ok: true, value: undefined });
    },
    onState: () => undefined,
    onLinkLost: () => errors.push('link lost'),
    onWarning: ({ code, detail }) => errors.push(`warning ${code} ${detail ?? ''}`),
    radio,
    now: () => clock.now(),
    random: () => 0.5,
    timers: clock,
  });
  link.start();
  return {
    ...{ deliveries, transcript, errors, facts, sensorTypes },
    state: () => link.state,
    command: (command) => link.command(command),
    start: () => link.start(),
    stop: () => link.stop(),
  };
}

function startScript(device: ReturnType<typeof createScriptDevice>, clock: Clock): Parts {
  const deliveries: Delivery[] = [];
  const transcript: string[] = [];
  const link = new SourceLink({
    sources: device.sources,
    on: device.sources.map(({ kind }) => kind),
    onReadings(readings, attributes, arrival) {
      for (const reading of readings) {
        const registered = attributes.find(({ attribute }) => attribute === reading.attribute);
        deliveries.push({ reading, registered, arrival });
        const samples = reading.kind === 'numeric' ? [...reading.values].join(',') : JSON.stringify(reading.payloads);
        transcript.push(`${reading.attribute} ${arrival} ${samples}`);
      }
    },
    onState: () => undefined,
    now: () => clock.now(),
    timers: clock,
  });
  link.start();
  return {
    ...{ deliveries, transcript, errors: [], facts: [], sensorTypes: [device.sensorType] },
    state: () => link.state,
    command: (command) => Promise.resolve(device.command(command)),
    start: () => link.start(),
    stop() {
      link.stop();
      device.stopped();
    },
  };
}
