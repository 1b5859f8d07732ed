/**
 * Ground truth of long runs with much data: in the page, every notification (and every reading of sources without bytes) is
 * copied into memory set aside before, on its way to the sensor worker. That costs the page next to nothing, so that its thread and heap can be measured meanwhile.
 */

/** Bytes of the tape, set aside at the start; a run that fills it fails. */
const CAPACITY = 32e6;
/** Bytes fetched at once. */
const PART = 3e6;

/** Starts recording in a page, before the app does. */
export async function startTape(page) {
  await page.addInitScript(record, CAPACITY);
}

/**
 * Everything that was recorded so far.
 * @returns {Promise<{ names: readonly (readonly [string, string])[], bytes: Buffer, linksLost: number }>} names: sensor and
 *   characteristic (or attribute and fields, as JSON), by number; bytes: entries one after the other, see subjects/tape.ts
 */
export async function readTape(page) {
  const { names, length, linksLost, isFull } = await page.evaluate(() => globalThis.tape.summary());
  if (isFull) throw new Error(`the tape of ${CAPACITY} bytes was too short`);
  const parts = [];
  for (let at = 0; at < length; at += PART) {
    const part = await page.evaluate(([from, to]) => globalThis.tape.part(from, to), [at, Math.min(length, at + PART)]);
    parts.push(Buffer.from(part, 'base64'));
  }
  return { names, bytes: Buffer.concat(parts), linksLost };
}

/** Runs in the page before the app. Entry: number of the name (u8), length (u16), bytes. */
function record(capacity) {
  const tape = new Uint8Array(capacity);
  const view = new DataView(tape.buffer);
  // Touched once, so that the memory is the page's from the beginning.
  tape.fill(0);
  const names = [];
  const numbers = new Map();
  let end = 0;
  let isFull = false;
  let linksLost = 0;

  function take(sensorId, what, bytes) {
    const key = `${sensorId} ${what}`;
    if (!numbers.has(key)) numbers.set(key, names.push([sensorId, what]) - 1);
    isFull ||= end + 3 + bytes.byteLength > capacity || names.length > 255;
    if (isFull) return;
    view.setUint8(end, numbers.get(key));
    view.setUint16(end + 1, bytes.byteLength);
    tape.set(new Uint8Array(bytes), end + 3);
    end += 3 + bytes.byteLength;
  }

  const encoder = new TextEncoder();
  function takeReading(sensorId, { kind, attribute, fields, values, payloads }) {
    const bytes = kind === 'numeric' ? values.slice().buffer : encoder.encode(JSON.stringify(payloads)).buffer;
    take(sensorId, JSON.stringify({ kind, attribute, fields }), bytes);
  }

  const post = globalThis.Worker.prototype.postMessage;
  globalThis.Worker.prototype.postMessage = function (message, ...rest) {
    // A call through Comlink: the name of the method, and its arguments by value.
    const method = message?.path?.at?.(-1);
    const [sensorId, what, bytes] = message?.argumentList?.map((argument) => argument.value) ?? [];
    if (method === 'ingest') take(sensorId, what, bytes);
    if (method === 'ingestReadings') for (const reading of what) takeReading(sensorId, reading);
    if (method === 'linkLost') linksLost += 1;
    return post.call(this, message, ...rest);
  };
  globalThis.tape = {
    summary: () => ({ names, length: end, linksLost, isFull }),
    part(from, to) {
      let text = '';
      for (let at = from; at < to; at += 0x8000) {
        text += String.fromCharCode(...tape.subarray(at, Math.min(to, at + 0x8000)));
      }
      return globalThis.btoa(text);
    },
  };
}
