/** Set-up in a tiny project of its own: a stand-in for Vite counts how often it is asked to build. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkNode, ensureBuild, ensureInstall, SetupError } from '../../../server/setup.mjs';

const SERVER = new URL('../../../server/', import.meta.url).pathname;
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'setup-'));
  write('package.json', '{"name":"tiny","version":"1.0.0"}');
  write('package-lock.json', lock('1.0.0'));
  write('src/main.ts', 'one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

function lock(version: string, packages: Record<string, unknown> = {}): string {
  return JSON.stringify({
    name: 'tiny',
    version,
    lockfileVersion: 3,
    packages: { '': { name: 'tiny', version }, ...packages },
  });
}

function installVite(body: string): void {
  write('node_modules/vite/bin/vite.js', body);
  write('node_modules/vite/package.json', '{"type":"commonjs"}');
}

const COUNTING = `require('node:fs').appendFileSync('builds', process.argv.slice(2).join(' ') + '\\n')`;
const builds = (): string[] => readFileSync(path.join(root, 'builds'), 'utf8').trim().split('\n');

describe('checkNode', () => {
  it('accepts 20.19 and newer, and says which one is needed', () => {
    for (const version of ['20.19.0', '20.20.2', '22.0.0', '26.1.0']) expect(() => checkNode(version)).not.toThrow();
    for (const version of ['20.18.9', '18.20.0']) expect(() => checkNode(version)).toThrow(/Node 20\.19 or newer/);
  });
});

describe('ensureBuild', () => {
  it('builds app and gateway once, and again only when a source changes', async () => {
    installVite(COUNTING);
    expect(await ensureBuild({ root })).toBe(true);
    expect(builds()).toEqual(['build', `build -c ${path.join('server', 'vite.config.ts')}`]);
    expect(await ensureBuild({ root })).toBe(false);
    write('src/main.ts', 'two');
    expect(await ensureBuild({ root })).toBe(true);
    write('src/other.ts', '');
    expect(await ensureBuild({ root })).toBe(true);
    expect(await ensureBuild({ root })).toBe(false);
    expect(builds()).toHaveLength(6);
  });

  it('shows what the tool printed when it fails, and builds again next time', async () => {
    installVite(`console.error('line 7 is wrong'); process.exit(3)`);
    const failure = await ensureBuild({ root }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(SetupError);
    expect(failure).toMatchObject({
      message: 'The app could not be built (exit code 3).',
      output: 'line 7 is wrong\n',
    });
    installVite(COUNTING);
    expect(await ensureBuild({ root })).toBe(true);
  });
});

describe('ensureInstall', () => {
  it('runs npm once, and again when the lock file changes', { timeout: 60_000 }, async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    expect(await ensureInstall({ root, say })).toBe(true);
    expect(said).toEqual([expect.stringContaining('Installing')]);
    expect(await ensureInstall({ root, say })).toBe(false);
    write('package.json', '{"name":"tiny","version":"1.0.1"}');
    write('package-lock.json', lock('1.0.1'));
    write('node_modules/leftover', '');
    await ensureInstall({ root, say });
    expect(await ensureInstall({ root, say })).toBe(false);
  });

  it('leaves packages alone that somebody has installed as the lock file says', async () => {
    const packages = {
      'node_modules/a': { version: '1.2.3', integrity: 'sha512-x' },
      'node_modules/b': { version: '1.0.0', optional: true },
    };
    write('package-lock.json', lock('1.0.0', packages));
    write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/a': packages['node_modules/a'] } }),
    );
    expect(await ensureInstall({ root })).toBe(false);
    expect(existsSync(path.join(root, 'node_modules', '.sensocto-stamp'))).toBe(true);
  });

  it('complains in a sentence when npm cannot do it', { timeout: 60_000 }, async () => {
    write('package.json', '{"name":"tiny","version":"1.0.0","dependencies":{"a":"1.0.0"}}');
    await expect(ensureInstall({ root })).rejects.toThrow(/npm could not install the packages/);
  });
});

describe('npm start', () => {
  it('shows its help before anything is installed', () => {
    mkdirSync(path.join(root, 'server'));
    for (const name of ['start.mjs', 'setup.mjs', 'help.txt'])
      copyFileSync(path.join(SERVER, name), path.join(root, 'server', name));
    const text = execFileSync(process.execPath, ['server/start.mjs', '--help'], { cwd: root, encoding: 'utf8' });
    expect(text).toContain('--retention-days');
    expect(existsSync(path.join(root, 'node_modules'))).toBe(false);
  });
});

describe('the start script', () => {
  it('lets a signal to npm reach the gateway, and npm wait for its end', { timeout: 30_000 }, async () => {
    const { scripts } = JSON.parse(readFileSync(path.join(SERVER, '..', 'package.json'), 'utf8')) as {
      scripts: { start: string };
    };
    write('package.json', JSON.stringify({ name: 'tiny', version: '1.0.0', scripts: { start: scripts.start } }));
    write(
      'server/start.mjs',
      `process.on('SIGTERM', () => setTimeout(() => { console.log('stopped'); process.exit(0); }, 300));
       setInterval(() => {}, 1000); console.log('started');`,
    );
    const npm = spawn('npm', ['start'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    for await (const chunk of npm.stdout) {
      out += String(chunk);
      if (out.includes('started') && !npm.killed) npm.kill('SIGTERM');
    }
    const code = npm.exitCode ?? ((await once(npm, 'exit')) as [number | null])[0];
    expect(out).toContain('stopped');
    expect(code).toBe(0);
  });
});
