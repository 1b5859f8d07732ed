/** Attribute ids. What is known about their types is in `attribute-types.ts`. */

/** An attribute id as the server accepts it: letter or digit first, then letters, digits, `_`, `-`; 1–64 characters. */
export type AttributeId = string;

const ATTRIBUTE_ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/;

/**
 * True if the server accepts this id. `$` alone would let a trailing newline pass (as the server's own check does);
 * JavaScript's `$` without the `m` flag does not match before one, so it is refused here.
 */
export function isAttributeId(id: unknown): id is AttributeId {
  return typeof id === 'string' && ATTRIBUTE_ID.test(id);
}
