/** Why Web Bluetooth is missing here, so that the screen can name the way that does work. Pure. */
import type { ErrorCode } from '../../model/errors.ts';

/** What can be known about the browser without asking it for anything. */
export interface PlatformFacts {
  readonly userAgent: string;
  /** Tells an iPad (which calls itself a Mac) from a Mac. */
  readonly touchPoints: number;
  readonly secureContext: boolean;
  readonly brave: boolean;
}

/**
 * The code for a browser without `navigator.bluetooth`. Browsers that never have it come first: for them, serving the
 * page by https would not help.
 */
export function whyMissing({ userAgent, touchPoints, secureContext, brave }: PlatformFacts): ErrorCode {
  const ios = /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && touchPoints > 1);
  if (ios) return 'bluetooth-unsupported-ios';
  if (/Firefox\//.test(userAgent)) return 'bluetooth-unsupported-firefox';
  const chromium = /Chrome\/|Chromium\//.test(userAgent);
  if (!chromium && /Safari\//.test(userAgent)) return 'bluetooth-unsupported-safari';
  if (!chromium) return 'bluetooth-unsupported';
  if (!secureContext) return 'bluetooth-insecure-context';
  if (brave) return 'bluetooth-disabled-brave';
  // Chromium on desktop Linux has it behind a flag only; Android and ChromeOS also mention Linux or X11.
  if (/Linux/.test(userAgent) && !/Android|CrOS/.test(userAgent)) return 'bluetooth-disabled-linux';
  return 'bluetooth-unsupported';
}
