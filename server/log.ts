/**
 * One line per event. Levels: `error` somebody must act; `warn` something was refused or lost, counted once; `info` a
 * change of state, at most once per transition; `debug` one line per connection. Never a sample, never a token.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts beside the message: short scalars only, so that no payload slips in. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** Least level that is written; default `info`. */
  readonly level?: LogLevel;
  /** Where lines go; default: `info` and below to stdout, the rest to stderr. */
  readonly write?: (line: string, level: LogLevel) => void;
  /** Unix ms. */
  readonly now?: () => number;
}

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const SECRET = /token|secret|bearer|authorization|password|cookie|payload/i;

/** Makes a log that writes `2026-01-31T12:00:00.000Z warn message key=value …`. */
export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', write = writeToConsole, now = Date.now } = options;
  const at =
    (lineLevel: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (ORDER[lineLevel] < ORDER[level]) return;
      write(`${new Date(now()).toISOString()} ${lineLevel} ${message}${formatFields(fields)}`, lineLevel);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function formatFields(fields: LogFields): string {
  let out = '';
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    out += ` ${key}=${SECRET.test(key) ? '[kept secret]' : formatValue(value)}`;
  }
  return out;
}

/** Quoted as soon as a value could be mistaken for another field or break the line. */
function formatValue(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function writeToConsole(line: string, level: LogLevel): void {
  if (level === 'warn' || level === 'error') console.error(line);
  else console.log(line);
}
