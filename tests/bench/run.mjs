/**
 * `npm run bench`: measures, each row against a named baseline in the same run, since absolute times on shared machines
 * drift. `--json` prints one JSON array of `{ name, unit, value, baseline, ratio }` and nothing else; words filter rows.
 */
import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ensureBuild, ensureInstall } from '../../server/setup.mjs';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const folder = new URL('./rows/', import.meta.url);

if (values.help) {
  console.log('npm run bench -- [--json] [part of a name …]\nFiles of rows: ' + (await readdir(folder)).join(', '));
  process.exit(0);
}

/** Progress goes to stderr, so that --json has stdout to itself. */
const say = (line) => console.error(line);

await ensureInstall({ say });
await ensureBuild({ say });

const rows = [];
let broken = 0;
for (const file of (await readdir(folder)).sort()) {
  const part = await import(new URL(file, folder).href);
  if (!isWanted(part.names)) continue;
  say(`measuring ${part.names.join(', ')} …`);
  try {
    rows.push(...(await part.run({ say, wanted: (name) => isWanted([name]) })));
  } catch (error) {
    broken += 1;
    say(`${file}: ${error instanceof Error ? error.stack : error}`);
  }
}
if (values.json) console.log(JSON.stringify(rows));
else printTable(rows);
process.exitCode = broken > 0 || rows.length === 0 ? 1 : 0;

/** Whether one of the names holds one of the words, or is held by it (`latency` wants `latency p95`, and the reverse). */
function isWanted(names) {
  return (
    positionals.length === 0 ||
    names.some((name) => positionals.some((word) => name.includes(word) || word.includes(name)))
  );
}

function printTable(all) {
  const cells = all.map(({ name, unit, value, baseline, ratio }) => [
    name,
    number(value),
    unit,
    number(baseline),
    number(ratio),
  ]);
  const table = [['row', 'value', 'unit', 'baseline', 'ratio'], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

/** Three significant digits, whole numbers above 100. */
function number(value) {
  if (value === undefined || value === null) return '–';
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
