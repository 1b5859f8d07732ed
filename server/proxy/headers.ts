/** What a proxy must change in headers and nothing else. Node's raw lists keep their spelling, order and repeats. */

/** RFC 9110 §7.6.1: they speak about one connection, not about the message. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Pair = readonly [name: string, value: string];

/** Names and values in turn, as in `IncomingMessage.rawHeaders`, in pairs. */
export function pairs(raw: readonly string[]): Pair[] {
  const out: Pair[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) out.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return out;
}

/**
 * Request headers for the upstream: its own Host, its own origin where the browser named ours (it would refuse a foreign
 * one), connection headers dropped.
 * @param upgrade keeps `Connection` and `Upgrade`, without which there is no socket
 */
export function forwardedHeaders(raw: readonly string[], upstream: URL, upgrade: boolean): string[] {
  const out = ['host', upstream.host];
  // Node unpacks a chunked body and has to be told to pack it again: without a length the upstream could not tell where
  // the body of a GET ends, and would take the rest for another request.
  if (pairs(raw).some(([name]) => name.toLowerCase() === 'transfer-encoding')) out.push('transfer-encoding', 'chunked');
  for (const [name, value] of endToEnd(raw, upgrade ? new Set(['connection', 'upgrade']) : new Set())) {
    const lower = name.toLowerCase();
    if (lower === 'host') continue;
    if (lower === 'origin') out.push(name, upstream.origin);
    else out.push(name, value);
  }
  return out;
}

/** Response headers for the browser: cookies become ours, redirects to the upstream stay here. */
export function returnedHeaders(raw: readonly string[], upstream: URL): string[] {
  return endToEnd(raw, new Set()).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'set-cookie') return [name, value.replace(/;\s*domain=[^;]*/gi, '')];
    if (lower === 'location') return [name, localLocation(value, upstream)];
    return [name, value];
  });
}

/** An absolute address on the upstream becomes a path here; any other is kept. */
function localLocation(location: string, upstream: URL): string {
  if (!URL.canParse(location)) return location;
  const target = new URL(location);
  return target.host === upstream.host ? `${target.pathname}${target.search}${target.hash}` : location;
}

/** Without connection headers, the standard ones and those the `Connection` header itself names. */
function endToEnd(raw: readonly string[], keep: ReadonlySet<string>): Pair[] {
  const all = pairs(raw);
  const named = all
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((token) => token.trim().toLowerCase()));
  const drop = new Set([...HOP_BY_HOP, ...named]);
  return all.filter(([name]) => keep.has(name.toLowerCase()) || !drop.has(name.toLowerCase()));
}
