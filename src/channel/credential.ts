/** A credential as it is stored on this device. */
import * as v from 'valibot';

const CREDENTIAL = v.variant('kind', [
  v.object({ kind: v.literal('guest'), bearer: v.string(), socketToken: v.string(), mintedAt: v.number() }),
  v.object({ kind: v.literal('given'), bearer: v.string() }),
]);

/** A guest made silently (`mintedAt`: Unix ms), or a token the person was given. */
export type Credential = v.InferOutput<typeof CREDENTIAL>;

/** What was stored; undefined if it is none. */
export function readCredential(raw: unknown): Credential | undefined {
  const parsed = v.safeParse(CREDENTIAL, raw);
  return parsed.success ? parsed.output : undefined;
}
