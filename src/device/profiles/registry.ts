/**
 * All profiles, and everything that follows from the list: what the chooser filters by, which services are asked for,
 * who decodes what. To add a device: one file beside this one, one fixture, one line in `PROFILES`.
 */
import { automationIoProfile } from './automation-io.ts';
import { batteryProfile } from './battery.ts';
import { bloodPressureProfile } from './blood-pressure.ts';
import { bodyCompositionProfile } from './body-composition.ts';
import { continuousGlucoseProfile } from './continuous-glucose/profile.ts';
import { currentTimeProfile } from './current-time.ts';
import { cyclingPowerProfile } from './cycling-power/profile.ts';
import { cyclingSpeedCadenceProfile } from './cycling-speed-cadence.ts';
import { deviceInformationProfile } from './device-information.ts';
import { environmentalSensingProfile } from './environmental-sensing.ts';
import { fitnessMachineProfile } from './fitness-machine/profile.ts';
import { glucoseProfile } from './glucose/profile.ts';
import { healthThermometerProfile } from './health-thermometer.ts';
import { heartRateProfile } from './heart-rate.ts';
import { locationNavigationProfile } from './location-navigation.ts';
import { pulseOximeterProfile } from './pulse-oximeter.ts';
import { runningSpeedCadenceProfile } from './running-speed-cadence.ts';
import { weightScaleProfile } from './weight-scale.ts';
import { movesenseProfile } from './movesense/profile.ts';
import { museProfile } from './muse/profile.ts';
import { polarProfile } from './polar/profile.ts';
import { buttonLedProfile } from './arduino/button-led.ts';
import { nanoProfile } from './arduino/nano.ts';
import { niclaProfile } from './arduino/nicla.ts';
import { blinkyProfile } from './blinky.ts';
import { flexSenseProfile } from './flex-sense.ts';
import { microbitProfiles } from './microbit.ts';
import { nordicUartProfile } from './nordic-uart.ts';
import { pufferProfile } from './puffer.ts';
import { breathBeltProfile, thesmaOximeterProfile } from './thesma.ts';
import { thingyProfiles } from './thingy52/profiles.ts';
import { parseInstanceKey, type CharacteristicSpec, type Decoder, type Profile, type Uuid } from './profile.ts';

/**
 * In order of importance: the first one a device has names its sensor type. User data 0x181C is left out on purpose: name,
 * birthday, sex, height and the like say who somebody is, and a sensor has no business streaming that.
 */
export const PROFILES: readonly Profile[] = [
  heartRateProfile,
  polarProfile,
  movesenseProfile,
  museProfile,
  bloodPressureProfile,
  healthThermometerProfile,
  pulseOximeterProfile,
  glucoseProfile,
  continuousGlucoseProfile,
  bodyCompositionProfile,
  weightScaleProfile,
  fitnessMachineProfile,
  cyclingPowerProfile,
  cyclingSpeedCadenceProfile,
  runningSpeedCadenceProfile,
  ...thingyProfiles,
  ...microbitProfiles,
  nanoProfile,
  niclaProfile,
  breathBeltProfile,
  thesmaOximeterProfile,
  flexSenseProfile,
  pufferProfile,
  blinkyProfile,
  buttonLedProfile,
  nordicUartProfile,
  locationNavigationProfile,
  environmentalSensingProfile,
  automationIoProfile,
  batteryProfile,
  currentTimeProfile,
  deviceInformationProfile,
];

interface Entry {
  readonly profile: Profile;
  readonly spec: CharacteristicSpec;
}

type Entries = ReadonlyMap<Uuid, Entry>;

function entriesOf(profiles: readonly Profile[]): Entries {
  return new Map(profiles.flatMap((profile) => profile.characteristics.map((spec) => [spec.uuid, { profile, spec }])));
}

const BY_CHARACTERISTIC = entriesOf(PROFILES);

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

/**
 * The decoders of one connection by instance key, made when their characteristic first speaks; undefined for
 * characteristics nobody knows. Ask for new ones after a reconnect.
 * @param taught what a person taught about this device; it goes before what we know
 */
export function createDecoders(taught: readonly Profile[] = []): (key: string) => Decoder | undefined {
  const entries = withTaught(taught);
  const made = new Map<string, Decoder>();
  const shared = new Map<Profile, ReadonlyMap<Uuid, Decoder>>();

  function make({ profile, spec }: Entry): Decoder {
    if (profile.makeDecoders && !shared.has(profile)) shared.set(profile, profile.makeDecoders());
    return shared.get(profile)?.get(spec.uuid) ?? spec.makeDecoder();
  }

  return (key) => {
    const { uuid, number } = parseInstanceKey(key);
    const entry = entries.get(uuid);
    if (entry && !made.has(key)) made.set(key, number === 1 ? make(entry) : numbered(entry.spec.makeDecoder(), number));
    return made.get(key);
  };
}

/** What is known about the characteristics of a device, by instance key. */
export function createSpecs(taught: readonly Profile[] = []): (key: string) => CharacteristicSpec | undefined {
  const entries = withTaught(taught);
  return (key) => {
    const { uuid, number } = parseInstanceKey(key);
    const spec = entries.get(uuid)?.spec;
    if (!spec || number === 1) return spec;
    const attributes = spec.attributes.map((one) => ({ ...one, attribute: `${one.attribute}_${number}` }));
    return { ...spec, attributes };
  };
}

function withTaught(taught: readonly Profile[]): Entries {
  return taught.length > 0 ? new Map([...BY_CHARACTERISTIC, ...entriesOf(taught)]) : BY_CHARACTERISTIC;
}

/** What is known about a characteristic, by instance key. */
export function characteristicFor(key: string): CharacteristicSpec | undefined {
  return createSpecs()(key);
}

/** The second of a kind has attributes of its own: `temperature_2`. */
function numbered(decode: Decoder, number: number): Decoder {
  return (bytes) => {
    const decoded = decode(bytes);
    if (!decoded.ok) return decoded;
    const readings = decoded.value.readings.map((one) => ({ ...one, attribute: `${one.attribute}_${number}` }));
    return { ok: true, value: { ...decoded.value, readings } };
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
