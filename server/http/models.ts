/**
 * Model files for pose capture, from `DATA_DIR/models/`: whoever runs the gateway puts them there, and no device has to ask
 * a stranger. Four names are known and nothing else is ever opened.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Hono, type Context } from 'hono';
import { MODEL_FILE, MODEL_KINDS, MODELS_INDEX, MODELS_PATH, type ServerModels } from '../../src/model/pose-files.ts';
import type { HttpEnv } from './context.ts';
import { refuse, type Problem } from './errors.ts';
import { matches } from './static.ts';

/** Bytes read at a time: a file is never in memory as a whole. */
const PIECE = 64 * 1024;

/** What is wrong with a name where no file can be served from; everything else is a fault. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM']);

interface OpenFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * `GET /models/index.json`, and `GET|HEAD /models/<name>.task` for the four published names.
 * @param folder need not exist
 * @param origins from where else pages may fetch models
 */
export function modelRoutes(folder: string, origins: readonly string[]): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  const files = new ModelFolder(folder);

  routes.get(MODELS_INDEX, async (c) => {
    const models: ServerModels['models'][number][] = [];
    for (const kind of MODEL_KINDS) {
      const file = await files.open(MODEL_FILE[kind]);
      await file?.handle.close();
      if (file) models.push({ kind, bytes: file.bytes, sha256: file.sha256 });
    }
    return c.json({ models, origins } satisfies ServerModels);
  });
  for (const name of Object.values(MODEL_FILE)) {
    routes.get(`${MODELS_PATH}/${name}`, async (c) => {
      const file = await files.open(name);
      return file ? serve(c, file) : refuse(c, NO_MODEL);
    });
  }
  routes.get(`${MODELS_PATH}/*`, (c) => refuse(c, NO_MODEL));
  return routes;
}

async function serve(c: Context<HttpEnv>, { handle, bytes, sha256 }: OpenFile): Promise<Response> {
  const etag = `"${sha256}"`;
  const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-cache', etag };
  const isKnown = matches(c.req.header('if-none-match'), etag);
  if (isKnown || c.req.method === 'HEAD') {
    await handle.close();
    return isKnown ? c.body(null, 304, headers) : c.body(null, 200, { ...headers, 'content-length': String(bytes) });
  }
  return c.body(streamOf(handle, bytes), 200, { ...headers, 'content-length': String(bytes) });
}

/** The file piece by piece, as fast as it is taken. Closes it at the end, and when nobody wants the rest. */
function streamOf(handle: FileHandle, bytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = await handle.read(new Uint8Array(Math.min(PIECE, bytes - at)), { position: at });
          // The client must not take it for whole.
          if (piece.bytesRead === 0 && at < bytes) throw new Error('the file became shorter');
          at += piece.bytesRead;
          if (piece.bytesRead > 0) controller.enqueue(piece.buffer.subarray(0, piece.bytesRead));
          if (at < bytes) return;
        } catch (thrown) {
          await handle.close();
          throw thrown;
        }
        await handle.close();
        controller.close();
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 1 },
  );
}

/** Opens files of one folder, and knows their sums as long as they stay the same. */
class ModelFolder {
  readonly #folder: string;
  readonly #sums = new Map<string, { readonly state: string; readonly sha256: Promise<string> }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A regular file, not a link to one; undefined when there is none that can be read. The caller closes it. */
  async open(name: string): Promise<OpenFile | undefined> {
    const handle = await openRegular(path.join(this.#folder, name));
    if (!handle) return undefined;
    try {
      const { ino, size, mtimeMs } = await handle.stat();
      const sha256 = await this.#sumOf(name, `${ino} ${size} ${mtimeMs}`, handle);
      return { handle, bytes: size, sha256 };
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  }

  /** Several requests at once wait for one reading. */
  #sumOf(name: string, state: string, handle: FileHandle): Promise<string> {
    const known = this.#sums.get(name);
    if (known?.state === state) return known.sha256;
    const sha256 = sumOf(handle);
    this.#sums.set(name, { state, sha256 });
    sha256.catch(() => this.#sums.delete(name));
    return sha256;
  }
}

/** Looked at before it is opened, as opening a pipe or a device may already wait or do something. */
async function openRegular(file: string): Promise<FileHandle | undefined> {
  try {
    if (!(await lstat(file)).isFile()) return undefined;
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && ABSENT.has(thrown.code)) return undefined;
    throw thrown;
  }
}

async function sumOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE);
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(piece, { position: at });
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
}

const NO_MODEL: Problem = {
  status: 404,
  code: 'not-found',
  message: 'There is no such model on this server.',
  category: 'client',
};
