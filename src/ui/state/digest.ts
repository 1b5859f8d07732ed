/** SHA-256 where the browser has it: pages that are not secure have no `crypto.subtle`. */
import type { Digest } from '../../app/certificate.ts';

export function digestOf(crypto: Crypto): Digest | undefined {
  // Typed as always there; on http addresses it is not.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  return subtle && ((bytes) => subtle.digest('SHA-256', bytes));
}
