/**
 * The scripted devices there are, for lists of them: plain data, without the code that makes them. Names are English; a
 * screen has its own words for each kind.
 */

export interface DemoEntry {
  /** Stable word: what `tryDemo` takes, and part of the ids of its devices. */
  readonly kind: string;
  /** What its devices are called, before their number. */
  readonly name: string;
  readonly family:
    'heart' | 'body' | 'brain' | 'eyes' | 'motion' | 'sport' | 'place' | 'surroundings' | 'water' | 'toy';
  /** `radio`: speaks in the bytes of a Bluetooth device; `script`: yields samples at once. */
  readonly by: 'radio' | 'script';
}

export const DEMO_CATALOGUE = [
  { kind: 'strap', name: 'Demo strap', family: 'heart', by: 'radio' },
  { kind: 'polar-h10', name: 'Demo ECG strap', family: 'heart', by: 'radio' },
  { kind: 'movesense', name: 'Demo ECG and motion sensor', family: 'heart', by: 'radio' },
  { kind: 'muse', name: 'Demo EEG headband', family: 'brain', by: 'radio' },
  { kind: 'thingy52', name: 'Demo sensor board', family: 'surroundings', by: 'radio' },
  { kind: 'thermometer', name: 'Demo thermometer', family: 'body', by: 'radio' },
  { kind: 'pulse-oximeter', name: 'Demo pulse oximeter', family: 'body', by: 'radio' },
  { kind: 'cycling', name: 'Demo bicycle', family: 'sport', by: 'radio' },
  { kind: 'environment', name: 'Demo weather station', family: 'surroundings', by: 'radio' },
  { kind: 'person', name: 'Demo person', family: 'body', by: 'script' },
  { kind: 'breath-belt', name: 'Demo breath belt', family: 'body', by: 'script' },
  { kind: 'pupil-neon', name: 'Demo eye tracker', family: 'eyes', by: 'script' },
  { kind: 'swimmer', name: 'Demo swimmer', family: 'motion', by: 'script' },
  { kind: 'walker', name: 'Demo walker', family: 'place', by: 'script' },
  { kind: 'buoy', name: 'Demo coral buoy', family: 'water', by: 'script' },
  { kind: 'river', name: 'Demo river station', family: 'water', by: 'script' },
  { kind: 'toy', name: 'Demo toy', family: 'toy', by: 'script' },
  { kind: 'skeleton', name: 'Demo moving person', family: 'motion', by: 'script' },
] as const satisfies readonly DemoEntry[];

export type DemoKind = (typeof DEMO_CATALOGUE)[number]['kind'];
export type RadioDemoKind = Extract<(typeof DEMO_CATALOGUE)[number], { by: 'radio' }>['kind'];
export type ScriptDemoKind = Exclude<DemoKind, RadioDemoKind>;

/** Identity of one scripted device. */
export interface DemoIdentity {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
}

/**
 * Id, name and seed of device `number` (from 1) of a kind.
 * @param seed of all devices; each gets one of its own, so that no two measure the same
 */
export function demoIdentity(kind: DemoKind, number: number, seed: number): DemoIdentity {
  const index = DEMO_CATALOGUE.findIndex((entry) => entry.kind === kind);
  return {
    id: `demo-${kind}-${number}`,
    name: `${DEMO_CATALOGUE[index]?.name ?? kind} ${number}`,
    // Primes apart, so that neighbours share no part of their sequence that anyone would notice.
    seed: seed + number * 7919 + index * 104_729,
  };
}

/** Kind and number of a demo device's id; undefined if it is not one. */
export function parseDemoId(id: string): { readonly kind: DemoKind; readonly number: number } | undefined {
  for (const { kind } of DEMO_CATALOGUE) {
    const prefix = `demo-${kind}-`;
    const digits = id.startsWith(prefix) ? id.slice(prefix.length) : '';
    if (/^[1-9]\d{0,3}$/.test(digits)) return { kind, number: Number(digits) };
  }
  return undefined;
}
