/** What the guides print is what the app reads. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gathered, readAll } from '../../../support/read-serial.ts';
import { createFramer } from '../../../../src/device/serial/framer.ts';
import { joined, text } from '../../../support/serial-bytes.ts';

function blocks(file: string, language: string): string[] {
  const content = readFileSync(new URL(`../../../../docs/${file}`, import.meta.url), 'utf8');
  return [...content.matchAll(new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``, 'g'))].map((match) => match[1] ?? '');
}

test('the bytes of docs/serial.md are the samples that stand beside them', () => {
  const examples = blocks('serial.md', 'hex');
  expect(examples).toHaveLength(2);
  for (const example of examples) {
    const bytes = Uint8Array.from(example.trim().split(/\s+/), (pair) => parseInt(pair, 16));
    const framer = createFramer();
    const read = gathered(framer, framer.take(bytes, 0));
    expect(framer.form?.kind).toBe('frames');
    expect(read.samples).toEqual({
      ecg: [
        [0, 50],
        [4, 0],
        [8, -50],
      ],
    });
    expect(read.problems).toEqual({});
  }
});

test('what the sketch of docs/arduino.md prints is read, with the clock of the board', () => {
  const [example = ''] = blocks('arduino.md', 'text');
  const read = readAll([joined(text('99\n'), text(example), text(example))]);
  expect(read.form).toMatchObject({ kind: 'lines', style: 'named' });
  expect(Object.keys(read.samples)).toEqual(['light_raw', 'analog']);
  expect(read.samples['analog']?.slice(0, 2)).toEqual([
    [1020, 300],
    [1040, 301],
  ]);
});

test('the sketch has about fifteen lines, and the speed the app offers first', () => {
  const [sketch = ''] = blocks('arduino.md', 'cpp');
  expect(sketch.trim().split('\n').length).toBeLessThanOrEqual(16);
  expect(sketch).toContain('Serial.begin(115200)');
});
