/** What follows from one sensor's samples, on its way into the same stream under attributes that say so. */
import type { AttributeId } from '../../src/model/attribute.ts';
import type { Block } from '../../src/model/block.ts';
import type { AttributeRegistration } from '../../src/model/sensor.ts';
import { derivedRegistration } from '../../src/signal/derived-types.ts';
import { createDeriver } from '../../src/signal/derive.ts';

export interface Estimates {
  /** Takes measured samples; what follows from them is handed over at once. */
  add(registration: AttributeRegistration, block: Block): void;
  contact(touches: boolean | undefined): void;
  /** The connection ended: what was held means nothing any more. */
  reset(): void;
}

/** @param take one estimated block, registered as such */
export function createEstimates(take: (registration: AttributeRegistration, block: Block) => void): Estimates {
  const types = new Map<AttributeId, string>();
  /** What the device itself sends is not estimated over it. */
  const measured = new Set<AttributeId>();
  const deriver = createDeriver({ typeOf: (attribute) => types.get(attribute) ?? attribute });
  return {
    add(registration, block) {
      types.set(block.attribute, registration.attributeType.toLowerCase());
      measured.add(block.attribute);
      for (const estimate of deriver.add(block)) {
        const known = derivedRegistration(estimate.block.attribute);
        if (known && !measured.has(known.attribute)) take(known, estimate.block);
      }
    },
    contact: (touches) => deriver.contact(touches),
    reset: () => deriver.reset(),
  };
}
