/** What is known of a device beside its streams. Pure. */
import type { Fact } from '../../src/device/profiles/profile.ts';
import type { SensorFacts } from './api.ts';

/**
 * The facts with a newer one.
 * @param arrival Unix ms
 */
export function withFact(facts: SensorFacts, fact: Exclude<Fact, { kind: 'lost' }>, arrival: number): SensorFacts {
  switch (fact.kind) {
    case 'battery':
      return { ...facts, battery: fact.percent };
    case 'bodyLocation':
      return { ...facts, bodyLocation: fact.text };
    case 'device':
      return { ...facts, device: { ...facts.device, [fact.label]: fact.text } };
    case 'calendar':
      return { ...facts, calendarOffset: fact.time === undefined ? null : fact.time - arrival };
    case 'contact': {
      const { contact: _gone, ...rest } = facts;
      return fact.contact === undefined ? rest : { ...rest, contact: fact.contact };
    }
  }
}
