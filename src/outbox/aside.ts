/** What was set aside, made readable for a person: shown and exported. */
import type { AsideEntry, AsideRecord, BlockCodec } from './ports.ts';
import { isAside } from './row.ts';

/** The entries after number `after`, oldest first, at most `limit`; what is not one is left out. */
export function readAsides(
  found: readonly unknown[],
  after: number,
  limit: number,
  codec: BlockCodec,
): readonly AsideEntry[] {
  return found
    .filter(isAside)
    .filter(({ id }) => id > after)
    .sort((a, b) => a.id - b.id)
    .slice(0, limit)
    .map((record) => readAside(record, codec));
}

function readAside({ content, ...facts }: AsideRecord, codec: BlockCodec): AsideEntry {
  const decoded = content instanceof Uint8Array ? codec.decode(content) : undefined;
  if (!decoded?.ok) return { ...facts, block: undefined, firstSeq: undefined, raw: content };
  return { ...facts, ...decoded.value, raw: content };
}
