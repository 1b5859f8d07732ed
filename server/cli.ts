/** Flags and environment into options, or one clear sentence. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '../src/model/result.ts';
import help from './help.txt?raw';
import { hostname, originOf } from './http/hosts.ts';
import { MODEL_ORIGINS } from './http/security.ts';
import type { GatewayOptions } from './ports.ts';

export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly options: Omit<GatewayOptions, 'appDir'> };

export type Environment = Readonly<Record<string, string | undefined>>;

export const FLAGS = {
  help: { type: 'boolean', short: 'h' },
  lan: { type: 'boolean' },
  stock: { type: 'boolean' },
  server: { type: 'string' },
  origin: { type: 'string', multiple: true },
  'model-origin': { type: 'string', multiple: true },
  'retention-days': { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

const MAX_RETENTION_DAYS = 36_500;

/**
 * Reads the command line.
 * @param args without node and script
 * @returns what to do, or a sentence that says which value is wrong
 */
export function parseCommand(args: readonly string[], env: Environment): Result<Command, string> {
  const parsed = readFlags(args);
  if (!parsed.ok) return parsed;
  const flags = parsed.value;
  if (flags.help === true) return ok({ kind: 'help', text: help });
  const lan = flags.lan ?? false;

  const port = wholeNumber(flags.port ?? nonEmpty(env['PORT']) ?? '4173', 0, lan ? 65_534 : 65_535);
  if (port === undefined) return fail(`The port must be a number from 0 to ${lan ? '65534' : '65535'}.`);
  const retentionDays = wholeNumber(flags['retention-days'] ?? '30', 1, MAX_RETENTION_DAYS);
  if (retentionDays === undefined) return fail(`--retention-days must be a number from 1 to ${MAX_RETENTION_DAYS}.`);
  const host = flags.host ?? nonEmpty(env['HOST']) ?? (lan ? '0.0.0.0' : '127.0.0.1');
  if (!/^[A-Za-z0-9.:_-]+$/.test(host)) return fail(`The host must be an address or a name, not “${host}”.`);
  const dataDir = path.resolve(flags['data-dir'] ?? nonEmpty(env['DATA_DIR']) ?? 'data');
  const origins = readOrigins(flags.origin ?? []);
  if (!origins.ok) return origins;
  const modelOrigins = readModelOrigins(flags['model-origin'] ?? []);
  if (!modelOrigins.ok) return modelOrigins;
  const upstream = readServer(flags.server);
  if (!upstream.ok) return upstream;

  const stock = flags.stock ?? false;
  const allowed = { origins: origins.value, modelOrigins: modelOrigins.value };
  const options = { host, port, dataDir, retentionDays, lan, stock, ...allowed };
  return ok({
    kind: 'run',
    options: upstream.value === undefined ? options : { ...options, upstream: upstream.value },
  });
}

type Flags = ReturnType<typeof parseArgs<{ args: string[]; options: typeof FLAGS }>>['values'];

function readFlags(args: readonly string[]): Result<Flags, string> {
  try {
    return ok(parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values);
  } catch (thrown) {
    const message = thrown instanceof Error ? (thrown.message.split(/\.(?:\s|$)/)[0] ?? '') : String(thrown);
    return fail(`${message}. --help lists the options.`);
  }
}

function readOrigins(given: readonly string[]): Result<string[], string> {
  const origins: string[] = [];
  for (const text of given) {
    const origin = webUrl(text)?.origin;
    if (origin === undefined)
      return fail(`--origin must be an address such as https://sensors.example, not “${text}”.`);
    origins.push(origin);
  }
  return ok(origins);
}

/** Those given beside the publisher's; `none` alone: nowhere but here. */
function readModelOrigins(given: readonly string[]): Result<readonly string[], string> {
  if (given.includes('none')) {
    return given.length === 1 ? ok([]) : fail('--model-origin none forbids all others, so it must be the only one.');
  }
  const origins: string[] = [];
  for (const text of given) {
    const url = plainUrl(text);
    // The host goes into the pages' policy, where a star or a semicolon would mean something.
    if (url?.protocol !== 'https:' || hostname(url.host) === undefined)
      return fail(`--model-origin must be an address such as https://models.example without a path, not “${text}”.`);
    origins.push(url.origin);
  }
  return ok([...MODEL_ORIGINS, ...origins]);
}

function readServer(given: string | undefined): Result<string | undefined, string> {
  if (given === undefined) return ok(undefined);
  const url = plainUrl(given);
  if (!url) return fail(`--server must be an address such as https://sensocto.example without a path, not “${given}”.`);
  return ok(url.origin);
}

/** An address of a server and nothing within it. */
function plainUrl(text: string): URL | undefined {
  const url = webUrl(text);
  const plain =
    url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return plain ? url : undefined;
}

function webUrl(text: string): URL | undefined {
  return /^https?:\/\//i.test(text) && originOf(text) !== undefined ? new URL(text) : undefined;
}

function wholeNumber(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
