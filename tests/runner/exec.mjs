/** Runs programs for the suites: output shown as it comes, a time limit, and nothing left running afterwards. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Path of a program of an installed package. */
export function bin(name) {
  return join(ROOT, 'node_modules', '.bin', name);
}

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, limit?: number }} [options] quiet: collect without showing;
 *   limit: minutes until it is killed, 8 unless told
 * @returns {Promise<{ code: number, output: string }>} code 124 after the limit, 127 if it cannot start
 */
export function run(program, args, { env = {}, quiet = false, limit = 8 } = {}) {
  return new Promise((done) => {
    // A group of its own, so that the limit also ends what the program started.
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...plain(process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      console.log(`${program} ran longer than ${limit} minutes and is ended.`);
      endGroup(child);
    }, limit * 60_000);
    const stop = () => endGroup(child);
    process.once('exit', stop);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        if (!quiet) process.stdout.write(chunk);
      });
    }
    const finish = (code) => {
      clearTimeout(timer);
      process.off('exit', stop);
      done({ code, output });
    };
    child.once('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.once('close', (code) => finish(late ? 124 : (code ?? 1)));
  });
}

/** Without wishes about colour: into a pipe the tools then write none (some take even `FORCE_COLOR=0` for a yes). */
function plain({ FORCE_COLOR: _force, NO_COLOR: _no, ...env }) {
  return env;
}

/** Ends a detached child and what it started. Gone already is fine. */
function endGroup(child) {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error?.code !== 'ESRCH') throw error;
  }
}
