/** What of a device's characteristics the app uses. Pure. */
import { instanceKey, type CharacteristicSpec, type Profile } from '../profiles/profile.ts';
import type { FoundCharacteristic } from './radio.ts';
import { createRhythm, type Rhythm } from './rhythm.ts';

/** A characteristic of one connection together with what is known about it. */
export interface KnownCharacteristic {
  readonly found: FoundCharacteristic;
  readonly spec: CharacteristicSpec;
  readonly profile: Profile;
  /** Under which its bytes go to the decoders; see `instanceOf` in the registry. */
  readonly key: string;
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
      .map((candidate, index) => ({
        found: candidate,
        spec,
        profile,
        key: instanceKey(spec.uuid, index + 1),
        essential: profile.advertised,
      })),
  );
}

/** The profiles a device speaks, the one it is for first. */
export function profilesOf(known: readonly KnownCharacteristic[]): readonly Profile[] {
  return [...new Set(known.filter(yieldsSamples).map(({ profile }) => profile))];
}

/** True if its notifications are wanted. */
export function isNotified({ spec, found }: KnownCharacteristic): boolean {
  return found.can.notify && spec.use !== 'read' && spec.use !== 'write';
}

/** True if anything to stream can come of it; a maker's name alone is not worth a link. */
export function yieldsSamples({ spec, found }: KnownCharacteristic): boolean {
  return spec.attributes.length > 0 && (found.can.notify || found.can.read);
}

/** A rhythm for each stream that has one: some attribute with a nominal rate. */
export function rhythmsOf(known: readonly KnownCharacteristic[]): Map<string, Rhythm> {
  const rhythms = new Map<string, Rhythm>();
  for (const one of known) {
    const rate = Math.max(0, ...one.spec.attributes.map((attribute) => attribute.samplingRate));
    if (isNotified(one) && rate > 0) rhythms.set(one.key, createRhythm(rate));
  }
  return rhythms;
}
