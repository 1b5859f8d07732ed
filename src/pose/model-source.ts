/** Where model files come from: this server's folder, the published addresses, or one that a person typed. */
import { MODEL_FILE, MODEL_KINDS, MODELS_INDEX, MODELS_PATH, PUBLISHED_MODELS } from '../model/pose-files.ts';
import type { ModelKind } from '../model/pose.ts';

/** The publisher's addresses of one fixed version each (`/1/`, not `/latest/`). */
export const PUBLISHED: Readonly<Record<ModelKind, string>> = {
  lite: `${PUBLISHED_MODELS}pose_landmarker/pose_landmarker_lite/float16/1/${MODEL_FILE.lite}`,
  full: `${PUBLISHED_MODELS}pose_landmarker/pose_landmarker_full/float16/1/${MODEL_FILE.full}`,
  heavy: `${PUBLISHED_MODELS}pose_landmarker/pose_landmarker_heavy/float16/1/${MODEL_FILE.heavy}`,
  face: `${PUBLISHED_MODELS}face_landmarker/face_landmarker/float16/1/${MODEL_FILE.face}`,
};

/** Sizes of the published files, bytes; about, to say what a download costs before it begins. */
export const ABOUT_BYTES: Readonly<Record<ModelKind, number>> = {
  lite: 5_800_000,
  full: 9_400_000,
  heavy: 30_700_000,
  face: 3_800_000,
};

/** What this server has and allows. */
export interface ServerOffer {
  readonly models: Readonly<Partial<Record<ModelKind, { readonly bytes: number; readonly sha256: string }>>>;
  /** Undefined: the server does not say. See `ServerModels`. */
  readonly origins: readonly string[] | undefined;
}

export const NO_OFFER: ServerOffer = { models: {}, origins: undefined };

/** Path of a model in this server's folder. */
export function serverPath(kind: ModelKind): string {
  return `${MODELS_PATH}/${MODEL_FILE[kind]}`;
}

/** Asks this server what it has. Undefined when it cannot be asked; `NO_OFFER` when it does not know the question. */
export async function fetchOffer(
  fetch: typeof globalThis.fetch,
  origin: string,
  signal?: AbortSignal,
): Promise<ServerOffer | undefined> {
  try {
    const url = new URL(MODELS_INDEX, origin).href;
    const response = await fetch(url, { credentials: 'omit', cache: 'no-store', ...(signal && { signal }) });
    if (!response.ok) return response.status >= 500 ? undefined : NO_OFFER;
    return readOffer(await response.text());
  } catch {
    // No network, or stopped: nothing is known, which is what the answer says.
    return undefined;
  }
}

/** Servers that serve only files may answer with their page: that is no offer. */
function readOffer(text: string): ServerOffer {
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given !== 'object' || given === null) return NO_OFFER;
    const models: ServerOffer['models'] = Object.fromEntries(
      ('models' in given && Array.isArray(given.models) ? given.models : []).filter(isModel).map(entryOf),
    );
    const origins = 'origins' in given && Array.isArray(given.origins) ? given.origins : undefined;
    return { models, origins: origins?.filter((one) => typeof one === 'string') };
  } catch {
    // Not JSON.
    return NO_OFFER;
  }
}

interface OfferedModel {
  readonly kind: ModelKind;
  readonly bytes: number;
  readonly sha256: string;
}

function isModel(given: unknown): given is OfferedModel {
  if (typeof given !== 'object' || given === null) return false;
  const { kind, bytes, sha256 } = given as Partial<Record<string, unknown>>;
  const known = MODEL_KINDS.some((one) => one === kind);
  return known && Number.isSafeInteger(bytes) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}

function entryOf({ kind, bytes, sha256 }: OfferedModel): [ModelKind, { bytes: number; sha256: string }] {
  return [kind, { bytes, sha256 }];
}

/**
 * A typed address as a URL: https anywhere, or a path of our own origin; without credentials. A query stays as it was typed,
 * a fragment goes. Undefined: it is no such address.
 */
export function modelUrl(address: string, origin: string): URL | undefined {
  const text = address.trim();
  const isPath = text.startsWith('/') && !text.startsWith('//');
  if (!isPath && !/^https?:\/\//i.test(text)) return undefined;
  if (!URL.canParse(text, origin)) return undefined;
  const url = new URL(text, origin);
  url.hash = '';
  if (url.username !== '' || url.password !== '') return undefined;
  return url.protocol === 'https:' || url.origin === origin ? url : undefined;
}

/** Host name of an address that is not this server: fetching from it shows it this device's internet address. */
export function strangerAt(address: string, origin: string): string | undefined {
  const url = modelUrl(address, origin);
  return url && url.origin !== origin ? url.host : undefined;
}

/** Whether the page's policy lets it fetch from here. */
export function mayFetch(url: URL, origin: string, { origins }: ServerOffer): boolean {
  if (url.origin === origin || origins === undefined) return true;
  return origins.some((one) => (one.endsWith('/') ? url.href.startsWith(one) : url.origin === one));
}
