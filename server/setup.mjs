/**
 * What must be true before the gateway can run: packages installed, app and gateway built. Plain Node only, as nothing is
 * installed yet when this runs. Each step leaves a stamp, so that it is done again only when its input has changed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const MIN_NODE = [20, 19];
const SOURCES = [
  'index.html',
  'package-lock.json',
  'svelte.config.js',
  'tsconfig.base.json',
  'vite.config.ts',
  'public',
  'server',
  'src',
  'workers',
];

/** A step that failed; `output` is what the tool printed. */
export class SetupError extends Error {
  /** @param {string} message @param {string} [output] */
  constructor(message, output = '') {
    super(message);
    this.name = 'SetupError';
    this.output = output;
  }
}

/**
 * Throws SetupError when this Node is too old for Vite and for what we use of Node.
 * @param {string} version as in process.versions.node
 */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = MIN_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new SetupError(
    `Node ${needMajor}.${needMinor} or newer is needed, this is ${version}. See https://nodejs.org.`,
  );
}

/**
 * Runs `npm ci` unless node_modules already holds what package-lock.json says.
 * @param {{root?: string, say?: (line: string) => void}} [options] say: progress for a person
 * @returns {Promise<boolean>} whether something was installed
 */
export async function ensureInstall({ root = ROOT, say = noop } = {}) {
  const stamp = path.join(root, 'node_modules', '.sensocto-stamp');
  const lock = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if ((await textOf(stamp)) === wanted) return false;
  const matches = await installedMatches(root, lock);
  if (!matches) {
    say('Installing packages (first start, or they have changed) …');
    // NODE_ENV=production would leave out the tools that build the app.
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['ci', '--no-fund', '--no-audit', '--include=dev'], root, 'npm could not install the packages');
  }
  // With nothing to install npm makes no folder.
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, wanted);
  return !matches;
}

/**
 * Builds app and gateway unless dist holds a build of exactly these sources.
 * @param {{root?: string, say?: (line: string) => void}} [options] say: progress for a person
 * @returns {Promise<boolean>} whether something was built
 */
export async function ensureBuild({ root = ROOT, say = noop } = {}) {
  const stamp = path.join(root, 'dist', '.stamp');
  const wanted = await hashOf(root, SOURCES);
  if ((await textOf(stamp)) === wanted) return false;
  // An interrupted build must not look finished.
  await rm(stamp, { force: true });
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  say('Building the app …');
  await run(process.execPath, [vite, 'build'], root, 'The app could not be built');
  say('Building the gateway …');
  const config = path.join('server', 'vite.config.ts');
  await run(process.execPath, [vite, 'build', '-c', config], root, 'The gateway could not be built');
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, wanted);
  return true;
}

/**
 * npm keeps a copy of the lock file of what it has installed. When every package there has the version and checksum we
 * want, installing again would change nothing (and would need the network).
 * @param {string} root
 * @param {string} lockText
 */
async function installedMatches(root, lockText) {
  const installedText = await textOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages ?? {};
  return Object.entries(JSON.parse(lockText).packages ?? {}).every(([name, want]) => {
    if (name === '') return true;
    const have = installed[name];
    // Optional packages are those of other platforms.
    if (!have) return want.optional === true || want.peer === true;
    return have.version === want.version && have.integrity === want.integrity;
  });
}

/**
 * SHA-256 over names and contents of files and folders; a missing one counts as missing.
 * @param {string} root
 * @param {readonly string[]} names
 */
async function hashOf(root, names) {
  const hash = createHash('sha256');
  for (const name of names) {
    for (const file of await filesOf(root, name)) {
      hash.update(`${file}\0`);
      hash.update(await readFile(path.join(root, file)));
      hash.update('\0');
    }
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} name @returns {Promise<string[]>} sorted paths relative to root */
async function filesOf(root, name) {
  try {
    const found = await readdir(path.join(root, name), { recursive: true, withFileTypes: true });
    const files = found.filter((item) => item.isFile());
    return files.map((item) => path.relative(root, path.join(item.parentPath, item.name))).sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [name];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** @param {string} file @returns {Promise<string | undefined>} undefined when there is no such file */
async function textOf(file) {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Runs a tool quietly; its output is shown only when it fails. Ends with us.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {string} complaint what to say when it fails
 * @returns {Promise<void>}
 */
function run(command, args, cwd, complaint) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const stop = (signal) => child.kill(signal);
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    const done = (error) => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      if (error) reject(error);
      else resolve();
    };
    child.once('error', (error) => done(new SetupError(`${complaint}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return done();
      done(new SetupError(`${complaint} (${signal ?? `exit code ${code}`}).`, Buffer.concat(output).toString()));
    });
  });
}

function noop() {
  // Callers that want to be told pass `say`.
}
