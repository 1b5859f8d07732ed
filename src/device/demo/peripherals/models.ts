/** How each scripted Bluetooth device is made, by kind. */
import { cyclingPowerProfile } from '../../profiles/cycling-power/profile.ts';
import { environmentalSensingProfile } from '../../profiles/environmental-sensing.ts';
import { healthThermometerProfile } from '../../profiles/health-thermometer.ts';
import { heartRateProfile } from '../../profiles/heart-rate.ts';
import { movesenseProfile } from '../../profiles/movesense/profile.ts';
import { museProfile } from '../../profiles/muse/profile.ts';
import { pulseOximeterProfile } from '../../profiles/pulse-oximeter.ts';
import { THINGY_SENSOR_TYPE } from '../../profiles/thingy52/uuids.ts';
import type { RadioDemoKind } from '../catalogue.ts';
import type { ModelEntry } from '../model.ts';
import { createStrap } from '../strap.ts';
import { createCycling } from './cycling.ts';
import { createEnvironment } from './environment.ts';
import { createMovesense } from './movesense.ts';
import { createMuse } from './muse.ts';
import { createPolarH10 } from './polar-h10.ts';
import { createPulseOximeter } from './pulse-oximeter.ts';
import { createThermometer } from './thermometer.ts';
import { createThingy52 } from './thingy52/thingy52.ts';

/** The sensor type is that of the profile which the link takes for what the device is for. */
export const RADIO_MODELS: Readonly<Record<RadioDemoKind, ModelEntry>> = {
  strap: { sensorType: heartRateProfile.sensorType, create: createStrap },
  'polar-h10': { sensorType: heartRateProfile.sensorType, create: createPolarH10 },
  movesense: { sensorType: movesenseProfile.sensorType, create: createMovesense },
  muse: { sensorType: museProfile.sensorType, create: createMuse },
  thingy52: { sensorType: THINGY_SENSOR_TYPE, create: createThingy52 },
  thermometer: { sensorType: healthThermometerProfile.sensorType, create: createThermometer },
  'pulse-oximeter': { sensorType: pulseOximeterProfile.sensorType, create: createPulseOximeter },
  cycling: { sensorType: cyclingPowerProfile.sensorType, create: createCycling },
  environment: { sensorType: environmentalSensingProfile.sensorType, create: createEnvironment },
};

export function isRadioDemo(kind: string): kind is RadioDemoKind {
  return Object.hasOwn(RADIO_MODELS, kind);
}
