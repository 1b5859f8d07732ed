/** Breaths per minute of one sensor: several sources may know them, the clearest is believed. */
import type { AttributeId } from '../model/attribute.ts';
import { derived, type Derived } from './derived.ts';
import { RESPIRATION_RATE } from './derived-types.ts';
import { GOOD_BREATHING, type Breathing } from './respiration.ts';

/** ms */
const EVERY = 5000;
/** An answer older than this is of another breath, ms. */
const FRESH = 6000;

export type BreathSource = 'rr' | 'ecg' | 'motion';

interface Answer extends Breathing {
  readonly at: number;
  readonly attribute: AttributeId;
}

export class Breaths {
  readonly #answers = new Map<string, Answer>();
  readonly #asked = new Map<string, number>();
  #emittedAt = -Infinity;

  /**
   * A source has samples up to `now`; it is asked every 5 s. The clearest answer of all sources is appended to `out`
   * every 5 s, if it is clear enough.
   */
  offer(
    attribute: AttributeId,
    source: BreathSource,
    now: number,
    ask: () => Breathing | undefined,
    out: Derived[],
  ): void {
    const key = `${source} ${attribute}`;
    if (!(now - (this.#asked.get(key) ?? -Infinity) >= EVERY)) return;
    this.#asked.set(key, now);
    const breathing = ask();
    if (breathing) this.#answers.set(key, { ...breathing, at: now, attribute });
    else this.#answers.delete(key);
    if (now - this.#emittedAt < EVERY) return;
    const best = this.#best(now);
    if (!best || best.quality < GOOD_BREATHING) return;
    this.#emittedAt = now;
    out.push(derived(RESPIRATION_RATE, best.attribute, now, best.quality, [best.rate]));
  }

  #best(now: number): Answer | undefined {
    let best: Answer | undefined;
    for (const answer of this.#answers.values()) {
      if (now - answer.at <= FRESH && answer.quality > (best?.quality ?? 0)) best = answer;
    }
    return best;
  }
}
