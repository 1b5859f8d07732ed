/** Where phones on the same network find this server, if it was started for them. Otherwise the answer is empty. */

export interface LanAddress {
  /** The https address for phones. */
  readonly url: string;
  /** Where the certificate of this server's own authority can be fetched. */
  readonly certificateUrl: string | undefined;
}

/** Reads `{ url, ca_url, … }`; undefined for anything else. */
export function parseLan(raw: unknown): LanAddress | undefined {
  if (typeof raw !== 'object' || raw === null || !('url' in raw)) return undefined;
  const { url } = raw;
  if (typeof url !== 'string' || !url.startsWith('https://')) return undefined;
  const certificateUrl = 'ca_url' in raw && typeof raw.ca_url === 'string' ? raw.ca_url : undefined;
  return { url, certificateUrl };
}

/** Asks the server; undefined when it has no such address or cannot be reached. */
export async function fetchLan(fetchJson: typeof fetch, signal: AbortSignal): Promise<LanAddress | undefined> {
  try {
    const response = await fetchJson('/api/lan', { signal, headers: { accept: 'application/json' } });
    return response.status === 200 ? parseLan(await response.json()) : undefined;
  } catch {
    // Offline, or not JSON: the same as no answer, the QR code simply does not show.
    return undefined;
  }
}
