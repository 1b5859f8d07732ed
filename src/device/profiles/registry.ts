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

/** Chooser filters: devices that advertise one of our services. Shape of `RequestDeviceOptions.filters`. */
export function chooserFilters(): { services: Uuid[] }[] {
  return PROFILES.filter((profile) => profile.advertised).map((profile) => ({ services: [profile.service] }));
}

/** Every service the app may touch after the choice; the browser refuses all others. */
export function optionalServices(): Uuid[] {
  return PROFILES.map((profile) => profile.service);
}

/** The profile that owns a characteristic, by full lower-case UUID. */
export function profileFor(characteristic: Uuid): Profile | undefined {
  return BY_CHARACTERISTIC.get(characteristic)?.profile;
}

/** What is known about a characteristic, by full lower-case UUID. */
export function characteristicFor(characteristic: Uuid): CharacteristicSpec | undefined {
  return BY_CHARACTERISTIC.get(characteristic)?.spec;
}

/** A fresh decoder, good for one connection; undefined for characteristics nobody knows. */
export function decoderFor(characteristic: Uuid): Decoder | undefined {
  return BY_CHARACTERISTIC.get(characteristic)?.spec.makeDecoder();
}
