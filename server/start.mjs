/**
 * `npm start`: sets up what is missing, then runs the gateway in this process (so that signals reach it directly). Plain
 * Node only: on a fresh clone nothing is installed when this begins.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, ensureBuild, ensureInstall, ROOT, SetupError } from './setup.mjs';

const say = (line) => process.stdout.write(`${line}\n`);

try {
  checkNode();
  if (process.argv.slice(2).some((arg) => arg === '--help' || arg === '-h')) {
    say((await readFile(path.join(ROOT, 'server', 'help.txt'), 'utf8')).trimEnd());
  } else {
    await ensureInstall({ say });
    await ensureBuild({ say });
    await import(pathToFileURL(path.join(ROOT, 'dist', 'server', 'main.js')).href);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.output}${error.message}\n`);
  process.exitCode = 1;
}
