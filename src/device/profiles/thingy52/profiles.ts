/** Nordic Thingy:52: one profile per service, in the order in which notifications are switched on. */
import type { Profile } from '../profile.ts';
import { thingyConfigurationProfile } from './configuration.ts';
import { thingyEnvironmentProfile } from './environment.ts';
import { thingyMotionProfile } from './motion.ts';
import { thingySoundProfile } from './sound.ts';
import { thingyUserInterfaceProfile } from './user-interface.ts';

export const thingyProfiles: readonly Profile[] = [
  thingyUserInterfaceProfile,
  thingyEnvironmentProfile,
  thingyMotionProfile,
  thingySoundProfile,
  thingyConfigurationProfile,
];
