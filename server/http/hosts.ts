/**
 * Which host names and origins the gateway answers to. Browsers name the page's origin on every socket; the Host header
 * says under which name they reached us.
 */

/** True for addresses and names that only this machine can reach: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:/, '')
    .replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The name in a Host header without its port; undefined when it is no host at all. */
export function hostname(hostHeader: string | undefined): string | undefined {
  if (hostHeader === undefined || !/^[a-z0-9._:[\]-]{1,260}$/i.test(hostHeader)) return undefined;
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(:\d{1,5})?$/i.exec(hostHeader);
  return match?.[1];
}

/**
 * Whether a gateway that only this machine can reach should answer to this Host header. Without this check any web page
 * could point its own name at 127.0.0.1 (DNS rebinding), be "same origin" with us and read what the sensors say.
 * @param origins further origins a proxy in front of us may be reached under
 */
export function isKnownHost(hostHeader: string | undefined, origins: readonly string[]): boolean {
  const name = hostname(hostHeader);
  if (name === undefined) return false;
  return isLoopback(name) || origins.some((origin) => hostOf(origin) === hostHeader?.toLowerCase());
}

/**
 * Whether a socket may be opened from `origin`: our own (scheme, host and port), or one of `origins`. Clients that are
 * no browsers send none and pass, as on the real server.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  hostHeader: string | undefined,
  secure: boolean,
  origins: readonly string[],
): boolean {
  if (origin === undefined) return true;
  const given = originOf(origin);
  if (given === undefined) return false;
  const own = hostHeader === undefined ? undefined : originOf(`${secure ? 'https' : 'http'}://${hostHeader}`);
  return given === own || origins.some((allowed) => originOf(allowed) === given);
}

/** Normalised origin of a URL (lower case, default port dropped), or undefined when it is none. */
export function originOf(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed && parsed.origin !== 'null' ? parsed.origin : undefined;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
