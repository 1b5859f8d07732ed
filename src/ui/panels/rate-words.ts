/** How fast a stream comes, against how fast it should, and what of it was lost. Pure. */
import type { StreamStatus } from '../../app/api.ts';
import type { SensorMessages } from '../../i18n/sensors.ts';

export interface RateWords {
  readonly rate: string;
  /** Only where something was lost. */
  readonly lost: string | undefined;
}

export function rateWords(stream: StreamStatus, { reading }: SensorMessages): RateWords {
  const percent = lostPercent(stream);
  return { rate: pace(stream, reading), lost: percent > 0 ? reading.lost(percent) : undefined };
}

/** Of all samples the device numbered, those that never came, percent. */
export function lostPercent({ lost, samples }: StreamStatus): number {
  return lost === 0 ? 0 : (100 * lost) / (lost + samples);
}

function pace({ rate, requestedRate }: StreamStatus, words: SensorMessages['reading']): string {
  if (requestedRate > 0) return words.rate(rate, requestedRate);
  // What has no rate of its own may still come often.
  return rate >= 0.5 ? words.rateAlone(rate) : words.rateIrregular;
}
