/** The account of all samples as the delivery sheet shows it. Pure. */
import type { AttributeTally, DrainProgress, Gap, SetAsideItem, Tally, Totals } from '../model/proof.ts';
import type { DeviceView, WorkerStatus } from './api.ts';

/** One sensor's samples, whether its device is here or not. */
export interface SensorAccount extends Totals {
  readonly sensorId: string;
  readonly name: string;
  readonly drain: DrainProgress | undefined;
  readonly gaps: readonly Gap[];
  readonly attributes: readonly AttributeTally[];
}

/** Sensors the worker counts, in the order of the list on the screen; those without a device last. */
export function accountsOf(status: WorkerStatus, devices: readonly DeviceView[]): SensorAccount[] {
  const places = new Map(devices.map(({ sensorId }, place) => [sensorId, place]));
  const names = new Map([...status.waiting, ...devices].map(({ sensorId, name }) => [sensorId, name]));
  const place = (id: string): number => places.get(id) ?? devices.length;
  return status.sensors
    .map((one) => ({ ...one, name: names.get(one.sensorId) ?? one.sensorId }))
    .sort((left, right) => place(left.sensorId) - place(right.sensorId));
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

/** What was set aside, added up for each reading and reason, in the order of the first of each. */
export function groupAside(
  items: readonly SetAsideItem[],
): readonly { readonly attribute: string | undefined; readonly reason: string; readonly samples: number }[] {
  const groups = new Map<string, { attribute: string | undefined; reason: string; samples: number }>();
  for (const { attribute, reason, samples } of items) {
    const key = JSON.stringify([attribute, reason]);
    const group = groups.get(key);
    if (group) group.samples += samples;
    else groups.set(key, { attribute, reason, samples });
  }
  return [...groups.values()];
}
