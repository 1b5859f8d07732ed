/**
 * Who we are to the server: a guest made silently on first use, or a token the person was given. Join parameters and
 * socket parameters ask here each time, so that a renewed token is used at the next join.
 */
import { appError, describeThrown } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Renewal } from './managed-channel.ts';
import type { Credential } from './credential.ts';
import type { SettingsPort } from './ports.ts';
import type { RestClient } from './rest-client.ts';

const KEY = 'credential';
/** Guests end 30 days after they were made: renew well before. */
const GUEST_RENEW_AFTER = 25 * 24 * 3600 * 1000;
/** A refusal renews the guest at most this often, so that a server that refuses everybody is not asked for ever. */
const RENEW_INTERVAL = 60_000;
/** Refusals this soon after a renewal concern joins that still used the old token. */
const RENEW_COVERS = 5000;
/** What servers for development accept when nobody has a token. */
const NO_TOKEN = 'missing';

export interface Credentials {
  /** Loads, or makes, a credential. Never fails for want of a server: then the next call tries again. */
  load(): Promise<Result<void>>;
  /** For join parameters and the Authorization header: loads or makes a credential first if there is none. */
  bearer(): Promise<string>;
  /** For the socket's connect parameters; undefined if there is none. */
  socketToken(): string | undefined;
  /** After a refusal: whether there is a new credential to try with. */
  renew(): Promise<Renewal>;
  /** Uses a token the person was given. Error: `storage-unavailable`; it is used all the same, until the tab closes. */
  use(token: string): Promise<Result<void>>;
}

export function createCredentials(deps: {
  readonly settings: SettingsPort;
  readonly rest: RestClient;
  readonly now: () => number;
  readonly displayName: () => string;
}): Credentials {
  let credential: Credential | undefined;
  let renewedAt = -Infinity;
  let renewal: Promise<Renewal> | undefined;
  let loading: Promise<Result<void>> | undefined;

  /** In force at once; that it could not be stored matters only after a reload. */
  async function keep(next: Credential): Promise<Result<void>> {
    credential = next;
    try {
      await deps.settings.set(KEY, next);
      return ok(undefined);
    } catch (thrown) {
      return fail(appError('storage-unavailable', describeThrown(thrown)));
    }
  }

  /** What was stored; nothing if the storage cannot be read, as on a first visit. */
  async function stored(): Promise<Credential | undefined> {
    const raw = await deps.settings.get(KEY).catch(() => undefined);
    // A first visit has none, and need not know how one looks.
    return raw === undefined ? undefined : (await import('./credential.ts')).readCredential(raw);
  }

  async function mint(): Promise<Result<void>> {
    const minted = await deps.rest.mintGuest(deps.displayName());
    if (!minted.ok) return minted;
    // Somebody may have given a token meanwhile: that one counts.
    if (credential?.kind === 'given') return ok(undefined);
    const { bearer_token: bearer, socket_token: socketToken } = minted.value;
    await keep({ kind: 'guest', bearer, socketToken, mintedAt: deps.now() });
    return ok(undefined);
  }

  async function loadOnce(): Promise<Result<void>> {
    // Two steps: a token given while the storage is read must not be overwritten.
    const found = credential ?? (await stored());
    credential ??= found;
    if (credential?.kind === 'given') return ok(undefined);
    if (credential && deps.now() - credential.mintedAt < GUEST_RENEW_AFTER) return ok(undefined);
    const minted = await mint();
    // An old guest is better than none while the server cannot make a new one.
    return minted.ok || credential ? ok(undefined) : minted;
  }

  async function renewOnce(): Promise<Renewal> {
    const since = deps.now() - renewedAt;
    if (since < RENEW_INTERVAL) return since < RENEW_COVERS;
    const minted = await mint();
    if (minted.ok) {
      renewedAt = deps.now();
      return true;
    }
    const { code } = minted.error;
    return code === 'server-unreachable' || code === 'server-rate-limited' ? 'later' : false;
  }

  /** Joins that start together must not make a guest each. */
  function load(): Promise<Result<void>> {
    loading ??= loadOnce().finally(() => (loading = undefined));
    return loading;
  }

  return {
    load,
    async bearer() {
      await load();
      return credential?.bearer ?? NO_TOKEN;
    },
    socketToken: () => (credential?.kind === 'guest' ? credential.socketToken : undefined),
    async renew() {
      if (credential?.kind === 'given') return false;
      // Joins refused together share one renewal.
      renewal ??= renewOnce().finally(() => (renewal = undefined));
      return renewal;
    },
    use: (token) => keep({ kind: 'given', bearer: token }),
  };
}

/** A token as a person may paste it: one line, no spaces. */
export function checkAccessToken(text: string): Result<string> {
  const token = text.trim();
  return token.length > 0 && !/\s/.test(token)
    ? ok(token)
    : fail(appError('server-unauthorized', 'empty or spaces inside'));
}
