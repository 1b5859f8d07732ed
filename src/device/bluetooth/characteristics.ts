/** What of a device's characteristics the app uses. Pure. */
import type { CharacteristicSpec, Profile, Uuid } from '../profiles/profile.ts';
import type { FoundCharacteristic } from './radio.ts';
import { createRhythm, type Rhythm } from './rhythm.ts';

/** A characteristic of one connection together with what is known about it. */
export interface KnownCharacteristic {
  readonly found: FoundCharacteristic;
  readonly spec: CharacteristicSpec;
  /** Its profile is what the device is for; without it the link is worth nothing. */
  readonly essential: boolean;
}

/** The found characteristics some profile knows, in the order of the profiles: what the device is for comes first. */
export function knownCharacteristics(
  profiles: readonly Profile[],
  found: readonly FoundCharacteristic[],
): readonly KnownCharacteristic[] {
  return profiles.flatMap((profile) => ofProfile(profile, found));
}

function ofProfile(profile: Profile, found: readonly FoundCharacteristic[]): KnownCharacteristic[] {
  return profile.characteristics.flatMap((spec) =>
    found
      .filter((candidate) => candidate.uuid === spec.uuid && candidate.service === profile.service)
      .map((candidate) => ({ found: candidate, spec, essential: profile.advertised })),
  );
}

/** True if anything to stream can come of it; a maker's name alone is not worth a link. */
export function yieldsSamples({ spec, found }: KnownCharacteristic): boolean {
  return spec.attributes.length > 0 && (found.can.notify || found.can.read);
}

/** A rhythm for each stream that has one: some attribute with a nominal rate. */
export function rhythmsOf(known: readonly KnownCharacteristic[]): Map<Uuid, Rhythm> {
  const rhythms = new Map<Uuid, Rhythm>();
  for (const { spec, found } of known) {
    const rate = Math.max(0, ...spec.attributes.map((attribute) => attribute.samplingRate));
    if (found.can.notify && rate > 0) rhythms.set(spec.uuid, createRhythm(rate));
  }
  return rhythms;
}
