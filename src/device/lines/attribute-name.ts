/** Attribute ids from the names that devices print: `Heart Rate [bpm]` becomes `heart_rate_bpm`. */
import { isAttributeId, type AttributeId } from '../../model/attribute.ts';

/** Leaves room for the number that sets two of a kind apart (`_2`), in a line and on a device. */
const LENGTH_MAX = 56;

/**
 * The id for a name: lower case, accents and brackets gone, everything else that the server does not accept is `_`.
 * @returns undefined if nothing usable is left (`°`, `→`, an empty name)
 */
export function attributeName(name: string): AttributeId | undefined {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const id = plain
    .replace(/[^a-z0-9-]+/g, '_')
    .replace(/^[_-]+/, '')
    .slice(0, LENGTH_MAX)
    .replace(/[_-]+$/, '');
  return isAttributeId(id) ? id : undefined;
}

/** The id, with a number if it is taken already; takes it. */
export function untaken(id: AttributeId, taken: Set<AttributeId>): AttributeId {
  let free = id;
  for (let number = 2; taken.has(free); number++) free = `${id}_${number}`;
  taken.add(free);
  return free;
}
