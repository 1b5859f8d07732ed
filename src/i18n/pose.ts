/** Messages of the Pose screen. Imported only by parts that are loaded with it. */
import { enPose, type PoseMessages } from './en-pose.ts';
import type { Locale } from './index.ts';

const POSE: Readonly<Record<Locale, PoseMessages>> = { en: enPose };

export type { PoseMessages };

export function poseMessages(locale: Locale): PoseMessages {
  return POSE[locale];
}
