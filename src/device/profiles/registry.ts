/**
 * All profiles, and everything that follows from the list: what the chooser filters by, which services are asked for,
 * who decodes what. To add a device: one file beside this one, one fixture, one line in `PROFILES`.
 */
import { batteryProfile } from './battery.ts';
import { deviceInformationProfile } from './device-information.ts';
import { heartRateProfile } from './heart-rate.ts';
import type { CharacteristicSpec, Decoder, Profile, Uuid } from './profile.ts';

/** In order of importance: the first one a device has names its sensor type. */
export const PROFILES: readonly Profile[] = [heartRateProfile, batteryProfile, deviceInformationProfile];

interface Entry {
  readonly profile: Profile;
  readonly spec: CharacteristicSpec;
}

const BY_CHARACTERISTIC: ReadonlyMap<Uuid, Entry> = new Map(
  PROFILES.flatMap((profile) => profile.characteristics.map((spec) => [spec.uuid, { profile, spec }] as const)),
);

/** Chooser filters: devices that advertise one of our services or carry a name we know. Shape of `RequestDeviceOptions.filters`. */
export function chooserFilters(): ({ services: Uuid[] } | { namePrefix: string })[] {
  return PROFILES.flatMap(({ advertised, service, namePrefixes = [] }) => [
    ...(advertised ? [{ services: [service] }] : []),
    ...namePrefixes.map((namePrefix) => ({ namePrefix })),
  ]);
}

/** Every service the app may touch after the choice; the browser refuses all others. */
export function optionalServices(): Uuid[] {
  return PROFILES.map((profile) => profile.service);
}

/** What is known about a characteristic, by full lower-case UUID. */
export function characteristicFor(characteristic: Uuid): CharacteristicSpec | undefined {
  return BY_CHARACTERISTIC.get(characteristic)?.spec;
}

/**
 * The decoders of one connection, made when their characteristic first speaks; undefined for characteristics nobody
 * knows. Ask for new ones after a reconnect.
 */
export function createDecoders(): (characteristic: Uuid) => Decoder | undefined {
  const made = new Map<Uuid, Decoder | undefined>();
  const shared = new Map<Profile, ReadonlyMap<Uuid, Decoder>>();

  function make({ profile, spec }: Entry): Decoder {
    if (profile.makeDecoders && !shared.has(profile)) shared.set(profile, profile.makeDecoders());
    return shared.get(profile)?.get(spec.uuid) ?? spec.makeDecoder();
  }

  return (characteristic) => {
    const entry = BY_CHARACTERISTIC.get(characteristic);
    if (entry && !made.has(characteristic)) made.set(characteristic, make(entry));
    return made.get(characteristic);
  };
}

/** A fresh decoder of one characteristic alone; undefined for characteristics nobody knows. */
export function decoderFor(characteristic: Uuid): Decoder | undefined {
  return createDecoders()(characteristic);
}

/** The profile that owns a characteristic, by full lower-case UUID. */
export function profileFor(characteristic: Uuid): Profile | undefined {
  return BY_CHARACTERISTIC.get(characteristic)?.profile;
}
