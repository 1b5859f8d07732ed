/** Heart rate measurements as the bytes of 2A37: the opposite of the profile's decoder, for scripted straps and tests. */
import { HEART_RATE_FLAG } from '../profiles/heart-rate.ts';

export interface HeartRatePacket {
  /** Beats a minute, 0–65535; above 255 it takes two bytes. */
  readonly rate: number;
  /** Undefined: the strap does not support the contact bit. */
  readonly contact?: boolean | undefined;
  /** Kilojoules, 0–65535; left out if undefined. */
  readonly energy?: number | undefined;
  /** RR intervals in ticks of 1/1024 s, oldest first; left out if empty. */
  readonly ticks?: readonly number[];
}

/** Encodes one packet (Heart Rate Service 1.0, §3.1). */
export function encodeHeartRate({ rate, contact, energy, ticks = [] }: HeartRatePacket): ArrayBuffer {
  const wide = rate > 0xff;
  const flags =
    (wide ? HEART_RATE_FLAG.wideRate : 0) |
    (contact === undefined ? 0 : HEART_RATE_FLAG.contactSupported) |
    (contact === true ? HEART_RATE_FLAG.contactDetected : 0) |
    (energy === undefined ? 0 : HEART_RATE_FLAG.energy) |
    (ticks.length === 0 ? 0 : HEART_RATE_FLAG.rr);
  const words = [...(energy === undefined ? [] : [energy]), ...ticks];
  const view = new DataView(new ArrayBuffer((wide ? 3 : 2) + words.length * 2));
  view.setUint8(0, flags);
  if (wide) view.setUint16(1, rate, true);
  else view.setUint8(1, rate);
  words.forEach((word, index) => view.setUint16((wide ? 3 : 2) + index * 2, word, true));
  return view.buffer;
}
