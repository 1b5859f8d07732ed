/**
 * `npm run soak`: long runs that show what minutes cannot. `npm run soak -- straps --minutes 2` runs one, shorter.
 * Each run says what it saw and fails loudly; the last line is `N passed, N failed`.
 */
import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ensureBuild, ensureInstall } from '../../server/setup.mjs';

const { values, positionals } = parseArgs({ options: { minutes: { type: 'string' } }, allowPositionals: true });
const folder = new URL('./runs/', import.meta.url);
const say = (line) => console.log(line);

await ensureInstall({ say });
await ensureBuild({ say });

const available = (await readdir(folder)).sort().map((file) => file.replace(/\.mjs$/, ''));
const unknown = positionals.filter((name) => !available.includes(name));
if (unknown.length > 0) {
  console.error(`No run is called ${unknown.join(', ')}. There are: ${available.join(', ')}.`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const name of positionals.length > 0 ? positionals : available) {
  const soak = await import(new URL(`${name}.mjs`, folder).href);
  const minutes = Number(values.minutes ?? soak.minutes);
  say(`\n== ${name}: ${soak.says} (${minutes} min)`);
  try {
    say(await soak.run({ minutes, say }));
    passed += 1;
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    failed += 1;
  }
}
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
