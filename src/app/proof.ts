/** The account of all samples as the delivery sheet shows it. Pure. */
import type { AsideSummary, AttributeTally, DrainProgress, Gap, SetAsideItem, Tally, Totals } from '../model/proof.ts';
import type { DeviceView, WorkerStatus } from './api.ts';

/** One sensor's samples, whether its device is here or not. */
export interface SensorAccount extends Totals {
  readonly sensorId: string;
  readonly name: string;
  readonly drain: DrainProgress | undefined;
  readonly gaps: readonly Gap[];
  readonly attributes: readonly AttributeTally[];
  /** Attributes that were computed from others, not measured. */
  readonly estimates: ReadonlySet<string>;
  /** Undefined: nothing is set aside. */
  readonly aside: AsideSummary | undefined;
}

/** Sensors the worker counts, in the order of the list on the screen; those without a device last. */
export function accountsOf(status: WorkerStatus, devices: readonly DeviceView[]): SensorAccount[] {
  const places = new Map(devices.map(({ sensorId }, place) => [sensorId, place]));
  const names = new Map([...status.waiting, ...devices].map(({ sensorId, name }) => [sensorId, name]));
  const place = (id: string): number => places.get(id) ?? devices.length;
  return status.sensors
    .map((one) => ({
      ...one,
      name: names.get(one.sensorId) ?? one.sensorId,
      estimates: new Set(one.streams.flatMap(({ attribute, estimated }) => (estimated ? [attribute] : []))),
      aside: status.aside?.find(({ sensorId }) => sensorId === one.sensorId),
    }))
    .sort((left, right) => place(left.sensorId) - place(right.sensorId));
}

/** What is set aside of sensors that have no account of their own: their device is not here, and nothing of them waits. */
export function asidesElsewhere(status: WorkerStatus): readonly AsideSummary[] {
  const here = new Set(status.sensors.map(({ sensorId }) => sensorId));
  return (status.aside ?? []).filter(({ sensorId }) => !here.has(sensorId));
}

/** The sentence above all numbers. `unsent`: will arrive by themselves; `lost`: will not. */
export type Verdict =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'all'; readonly measured: number }
  | { readonly kind: 'some'; readonly measured: number; readonly unsent: number; readonly lost: number };

export function verdictOf({ measured, confirmed, setAside, evicted }: Tally): Verdict {
  if (measured === 0) return { kind: 'nothing' };
  const lost = setAside + evicted;
  const unsent = Math.max(0, measured - confirmed - lost);
  return unsent === 0 && lost === 0 ? { kind: 'all', measured } : { kind: 'some', measured, unsent, lost };
}

/** Things set aside for the same reason. */
export interface AsideGroup {
  readonly attribute: string | undefined;
  readonly reason: string;
  /** 0: they do not say. */
  readonly samples: number;
  readonly records: number;
}

/** What was set aside, added up for each reading and reason, in the order of the first of each. */
export function groupAside(items: readonly SetAsideItem[]): readonly AsideGroup[] {
  const groups = new Map<string, AsideGroup>();
  for (const { attribute, reason, samples } of items) {
    const key = JSON.stringify([attribute, reason]);
    const group = groups.get(key) ?? { attribute, reason, samples: 0, records: 0 };
    groups.set(key, { ...group, samples: group.samples + samples, records: group.records + 1 });
  }
  return [...groups.values()];
}
