/** The rules of the source tree as functions from sources or imports to sentences about what breaks them. */
import ts from 'typescript';
import { parse, walk, withoutComments, type Import, type Source } from './sources.ts';

interface Rule {
  /** Path prefixes a folder may import besides its own. */
  readonly values: readonly string[];
  /** Path prefixes of which it may import types. */
  readonly types?: readonly string[];
}

const NOUNS = ['src/model/', 'src/lib/'];
/** What consumers ask for; the parts that serve them import it as types. */
const PORTS = ['stream', 'call', 'signal', 'record'].map((folder) => `src/${folder}/ports.ts`);
const CORES = ['src/stream/', 'src/call/', 'src/signal/', 'src/record/'];
const EDGES = ['src/device/', 'src/outbox/', 'src/pose/', 'src/channel/'];
const WORKER_TYPES = ['workers/sensor/api.ts', 'workers/pose/api.ts'];

/** Who may import what. The longest matching prefix rules. */
const RULES: Readonly<Record<string, Rule>> = {
  'src/model/': { values: [] },
  'src/lib/': { values: [] },
  'src/protocol/': { values: NOUNS },
  'src/stream/': { values: NOUNS },
  'src/signal/': { values: NOUNS },
  'src/record/': { values: NOUNS },
  'src/call/': { values: [...NOUNS, 'src/protocol/'] },
  'src/device/': { values: NOUNS, types: PORTS },
  // These also run in the worker, so they may not reach for the parts that need the window.
  'src/device/profiles/': { values: [...NOUNS, 'src/device/lines/'] },
  'src/device/lines/': { values: NOUNS },
  'src/device/serial/': { values: [...NOUNS, 'src/device/lines/'], types: PORTS },
  'src/outbox/': { values: NOUNS, types: PORTS },
  'src/pose/': { values: NOUNS, types: [...PORTS, 'workers/pose/api.ts'] },
  'src/channel/': { values: [...NOUNS, 'src/protocol/'], types: PORTS },
  'src/app/': { values: [...NOUNS, 'src/protocol/', ...CORES, ...EDGES], types: WORKER_TYPES },
  'src/i18n/': { values: [], types: ['src/model/'] },
  'src/ui/': { values: [...NOUNS, 'src/app/', 'src/i18n/'] },
  'src/main.ts': { values: ['src/'], types: WORKER_TYPES },
  'workers/': {
    values: [
      ...NOUNS,
      'src/protocol/',
      'src/stream/',
      'src/channel/',
      'src/outbox/',
      'src/signal/',
      'src/record/',
      'src/device/profiles/',
      'src/device/serial/',
    ],
    types: WORKER_TYPES,
  },
  'server/': { values: [...NOUNS, 'src/protocol/'] },
};

/** Inside `ui/`: parts ← panels ← views. A folder may not import one that stands later in this list. */
const UI_TIERS = ['src/ui/state/', 'src/ui/parts/', 'src/ui/panels/', 'src/ui/views/'];

/** Imports that a folder may not make, as sentences. */
export function forbiddenImports(imports: readonly Import[]): string[] {
  return imports.filter((one) => one.ours && !isAllowed(one)).map(describe);
}

function describe({ from, to, typeOnly }: Import): string {
  return `${from} may not import ${typeOnly ? 'types of ' : ''}${to}`;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const prefix = longestPrefix(Object.keys(RULES), from);
  const rule = prefix === undefined ? undefined : RULES[prefix];
  if (rule === undefined || prefix === undefined) return false;
  const within = (prefixes: readonly string[]): boolean => prefixes.some((one) => to.startsWith(one));
  if (to.startsWith(ownFolder(prefix, from))) return tier(to) <= tier(from);
  return within(rule.values) || (typeOnly && within(rule.types ?? []));
}

/** Its own folder; a worker's is the worker's own, not all workers'. */
function ownFolder(prefix: string, from: string): string {
  return prefix === 'workers/' ? from.slice(0, from.lastIndexOf('/') + 1) : prefix;
}

/** Place in UI_TIERS; files directly in `ui/` are above all, everything else has no tier. */
function tier(path: string): number {
  if (!path.startsWith('src/ui/')) return 0;
  const found = UI_TIERS.findIndex((folder) => path.startsWith(folder));
  if (found >= 0) return found;
  // Style sheets and the like in ui/ itself belong to everybody.
  return path.endsWith('.css') ? 0 : UI_TIERS.length;
}

function longestPrefix(prefixes: readonly string[], path: string): string | undefined {
  return prefixes.filter((prefix) => path.startsWith(prefix)).sort((a, b) => b.length - a.length)[0];
}

/** Import cycles, types left out: each as the files of one round. Tarjan's strongly connected components. */
export function importCycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, ours, typeOnly } of imports) {
    if (ours && !typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const lowOf = (file: string): number => low.get(file) ?? Infinity;
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.size - 1);
    stack.push(file);
    for (const to of next.get(file) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(file, Math.min(lowOf(file), lowOf(to)));
    }
    if (lowOf(file) !== index.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    const [only] = component;
    if (component.length > 1 || (only !== undefined && next.get(only)?.includes(only))) cycles.push(component);
  };
  for (const file of next.keys()) if (!index.has(file)) visit(file);
  return cycles;
}

/** Relative imports of files that are not there. A typing mistake here would hide an edge from all other rules. */
export function danglingImports(imports: readonly Import[], exists: (path: string) => boolean): string[] {
  return imports.filter((one) => one.ours && !exists(one.to)).map((one) => `${one.from}: there is no ${one.to}`);
}

/** Platform APIs with one home each, and how a file gives away that it uses one. */
const PLATFORM_APIS: Readonly<Record<string, RegExp>> = {
  'navigator.bluetooth': /\bnavigator\b[^\n;]*\bbluetooth\b/,
  'navigator.serial': /\bnavigator\b[^\n;]*\.serial\b/,
  RTCPeerConnection: /\bnew RTCPeerConnection\b/,
  WebSocket: /\bnew WebSocket\b/,
  phoenix: /from 'phoenix'|import\('phoenix'\)/,
  idb: /from 'idb'|import\('idb'\)/,
  libsql: /^import (?!type).*from 'libsql'|import\('libsql'\)/m,
  mediapipe: /from '@mediapipe\/|import\('@mediapipe\//,
};

/** Platform APIs used in more than one file. */
export function scatteredApis(sources: readonly Source[]): string[] {
  return Object.entries(PLATFORM_APIS).flatMap(([api, pattern]) => {
    const users = sources.filter((source) => pattern.test(withoutComments(source.text))).map((source) => source.path);
    return users.length > 1 ? [`${api} is used in ${users.join(', ')}`] : [];
  });
}

/** Addresses that name no server: identifiers of standards. */
const NAMESPACES = /^http:\/\/www\.w3\.org\//;

/** What is asked only by those who want it, each at home in one file. */
const ASKED_FIRST: Readonly<Record<string, string>> = {
  // Intiface, on the computer that shows the page.
  'src/device/intiface/client.ts': 'ws://127.0.0.1:12345',
  // The publisher of the pose models; the screen says what asking shows him.
  'src/model/pose-files.ts': 'https://storage.googleapis.com/mediapipe-models/',
};

/** Addresses of other origins in code or markup: nothing may be fetched from anywhere the person did not choose. */
export function foreignOrigins(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(/\b(?:https?|wss?):\/\/[a-z0-9][^\s'"`)<]*/gi)]
      .filter((match) => !NAMESPACES.test(match[0]) && ASKED_FIRST[path] !== match[0])
      .map((match) => `${path}: ${match[0]}`),
  );
}

/** Where everything is joined: these files run once and live as long as their page or worker. */
const ROOTS = ['src/main.ts', 'server/main.ts', 'workers/sensor/worker.ts', 'workers/pose/worker.ts', 'workers/sw.ts'];

/** Listeners that may stay: what they listen to lives exactly as long as their owner, which is as long as the page. */
const FOR_EVER = [`src/device/bluetooth/gatt.ts 'availabilitychanged'`];

/**
 * Listeners that outlive their owner: `addEventListener` without a `signal` or `once`, in a file that never removes a
 * listener of that event.
 */
export function endlessListeners(sources: readonly Source[]): string[] {
  const owned = sources.filter(({ path }) => !ROOTS.includes(path));
  return owned.flatMap((source) => {
    const added: { readonly event: string; readonly bound: boolean }[] = [];
    const removed = new Set<string>();
    walk(parse(source), (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
      const event = node.arguments[0]?.getText() ?? '';
      if (node.expression.name.text === 'removeEventListener') removed.add(event);
      if (node.expression.name.text !== 'addEventListener') return;
      added.push({ event, bound: /\b(signal|once|options)\b/.test(node.arguments[2]?.getText() ?? '') });
    });
    return added
      .filter(({ event, bound }) => !bound && !removed.has(event) && !FOR_EVER.includes(`${source.path} ${event}`))
      .map(({ event }) => `${source.path}: the listener of ${event} has no signal`);
  });
}

/** Stateless or never-changing things that may be made when a module loads. */
const HARMLESS =
  /^(Map|Set|TextEncoder|TextDecoder|RegExp|URL|WeakMap|Intl\.\w+|Float32Array|Uint8Array|ArrayBuffer|DataView)$/;

/** Module-level `let` and objects made at load: state that no test can start afresh. */
export function moduleState(sources: readonly Source[]): string[] {
  const modules = sources.filter(({ path }) => path.endsWith('.ts') && !ROOTS.includes(path));
  return modules.flatMap((source) =>
    parse(source)
      .statements.filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) =>
        declarationList.declarations
          .filter((one) => !(declarationList.flags & ts.NodeFlags.Const) || makesState(one.initializer))
          .map((one) => `${source.path}: ${one.name.getText()} is state of the module`),
      ),
  );
}

function makesState(initializer: ts.Expression | undefined): boolean {
  if (initializer === undefined || !ts.isNewExpression(initializer)) return false;
  return !HARMLESS.test(initializer.expression.getText());
}

export interface Lengths {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Median, 95th percentile and maximum. */
export function lengths(values: readonly number[]): Lengths {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

/** Lines of each file. */
export function fileLengths(sources: readonly Source[]): number[] {
  return sources.map(({ text }) => text.trimEnd().split('\n').length);
}

/** Lines of each function with a body, blank lines and lines of comment left out. */
export function functionLengths(sources: readonly Source[]): number[] {
  return sources.flatMap((source) => {
    const file = parse(source);
    const found: number[] = [];
    walk(file, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
      const lines = node.getText(file).split('\n');
      found.push(lines.filter((line) => !/^\s*(\/\/.*|\/?\*.*)?$/.test(line)).length);
    });
    return found;
  });
}
