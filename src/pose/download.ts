/** Fetches one large file to its end, with progress, a limit, and nothing said about who asks. */
import { describeThrown } from '../model/errors.ts';

/** @param total bytes; undefined: not said, or not true any more */
export type OnProgress = (received: number, total: number | undefined) => void;

export interface DownloadOptions {
  /** Bytes; more is not read. */
  readonly limit: number;
  /** Bytes, where known better than from the answer (compressed answers give the compressed length). */
  readonly total?: number;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

export type Download =
  | { readonly at: 'done'; readonly blob: Blob }
  | { readonly at: 'cancelled' }
  | { readonly at: 'too-large' }
  /** No network, refused by the browser, or an answer that is none. */
  | { readonly at: 'failed'; readonly detail: string };

export async function download(
  fetch: typeof globalThis.fetch,
  url: string,
  options: DownloadOptions,
): Promise<Download> {
  try {
    const response = await fetch(url, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      // It is kept by us; the browser need not keep a second one.
      cache: 'no-store',
      signal: options.signal,
    });
    return response.ok ? await read(response, options) : { at: 'failed', detail: `HTTP ${response.status}` };
  } catch (thrown) {
    return options.signal.aborted ? { at: 'cancelled' } : { at: 'failed', detail: describeThrown(thrown) };
  }
}

async function read(response: Response, options: DownloadOptions): Promise<Download> {
  const { limit, onProgress } = options;
  const total = options.total ?? lengthOf(response.headers);
  if (total !== undefined && total > limit) {
    await response.body?.cancel();
    return { at: 'too-large' };
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  onProgress(received, total);
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    received += next.value.length;
    if (received > limit) {
      await reader?.cancel();
      return { at: 'too-large' };
    }
    chunks.push(next.value);
    onProgress(received, total === undefined || received > total ? undefined : total);
  }
  // A fetch that was stopped between two chunks may also just end.
  return options.signal.aborted ? { at: 'cancelled' } : { at: 'done', blob: new Blob(chunks) };
}

/** Undefined when absent or of the compressed bytes: other origins do not show that they compress, but then it is exceeded. */
function lengthOf(headers: Headers): number | undefined {
  const text = headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(text) && !headers.has('content-encoding') ? Number(text) : undefined;
}
