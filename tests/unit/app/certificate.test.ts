/** From facts to a certificate, its checksum and its text. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/app/canonical-json.ts';
import { certificateText, statement, type CertificateWords } from '../../../src/app/certificate-text.ts';
import { certificateName, makeCertificate, sealCertificate, sumTallies } from '../../../src/app/certificate.ts';
import { countSeq, intersectSeq } from '../../../src/app/seq-ranges.ts';
import { enLater } from '../../../src/i18n/en-later.ts';
import type { AttributeProof, CertificateFacts, SensorProof, SeqRange, Tally } from '../../../src/model/proof.ts';

const FROM = Date.UTC(2026, 10, 23, 9, 0, 0);
const SERVER = 'https://sensors.example';

const tally = (measured: number, change: Partial<Tally> = {}): Tally => ({
  ...{ measured, kept: 0, confirmed: measured, setAside: 0, evicted: 0 },
  ...change,
});

function attribute(id: string, change: Partial<AttributeProof> = {}): AttributeProof {
  const measured = change.measured ?? 130;
  const times = { firstTime: FROM + 1000, lastTime: FROM + 2000 };
  return { attribute: id, ...tally(measured), ...times, seq: [[0, measured - 1]], ...change };
}

function sensor(attributes: readonly AttributeProof[], change: Partial<SensorProof> = {}): SensorProof {
  return {
    ...{ sensorId: 's1', name: 'Polar H10', sensorType: 'heart_rate_strap', demo: false, gaps: [] },
    ...sumTallies(attributes),
    attributes,
    ...change,
  };
}

const facts = (...sensors: SensorProof[]): CertificateFacts => ({
  ...{ installation: 'a1b2c3d4e5f60718', from: FROM, to: undefined, takenAt: FROM + 3_600_123 },
  sensors,
});

const words: CertificateWords = {
  ...enLater.certificate,
  tally: enLater.delivery,
  attribute: (id) => ({ ecg: 'ECG' })[id] ?? id,
  cause: enLater.delivery.cause,
  number: (value) => new Intl.NumberFormat('en').format(value),
};
const sha256 = (bytes: Uint8Array): Promise<ArrayBuffer> =>
  Promise.resolve(new Uint8Array(createHash('sha256').update(bytes).digest()).buffer);
const stated = async (...sensors: SensorProof[]): Promise<string[]> =>
  statement(await sealCertificate(makeCertificate(facts(...sensors), SERVER), undefined), words);

describe('what a certificate states', () => {
  it('everything is confirmed', async () => {
    expect(await stated(sensor([attribute('ecg'), attribute('heartrate', { measured: 1, confirmed: 1 })]))).toEqual([
      'All 131 samples measured are confirmed by the server.',
    ]);
    expect(await stated(sensor([attribute('ecg', { measured: 1, confirmed: 1, seq: [[7, 7]] })]))).toEqual([
      'The one sample measured is confirmed by the server.',
    ]);
  });

  it('nothing was measured', async () => {
    expect(await stated()).toEqual(['Nothing was measured.']);
  });

  it('exactly what is missing, by sensor and reading', async () => {
    const ecg = attribute('ecg', { measured: 1300, confirmed: 1200, kept: 60, setAside: 26, evicted: 13 });
    const lines = await stated(sensor([ecg, attribute('heartrate')]));
    expect(lines).toEqual([
      '1,330 of 1,430 samples measured are confirmed by the server. Missing:',
      '- Polar H10, ECG: 60 samples stored on this device, not yet confirmed',
      '- Polar H10, ECG: 26 samples set aside on this device',
      '- Polar H10, ECG: 13 samples given up: there was no room left on this device',
      '- Polar H10, ECG: 1 sample not accounted for',
    ]);
  });

  it('what only the sensor as a whole knows', async () => {
    const lines = await stated(sensor([], tally(40, { confirmed: 30, kept: 10 })));
    expect(lines.slice(1)).toEqual(['- Polar H10: 10 samples stored on this device, not yet confirmed']);
  });

  const RECEIPTS: [string, Partial<AttributeProof>, number][] = [
    ['holds all', { receipt: { count: 130, durable: 130, ranges: [[0, 129]] } }, 0],
    [
      'holds more, from other sessions',
      { seq: [[500, 629]], receipt: { count: 630, durable: 0, ranges: [[0, 629]] } },
      0,
    ],
    [
      'lacks some in the middle',
      {
        receipt: {
          count: 120,
          durable: 120,
          ranges: [
            [0, 49],
            [60, 129],
          ],
        },
      },
      10,
    ],
    [
      'holds as many, but others',
      { seq: [[500, 629]], receipt: { count: 130, durable: 130, ranges: [[0, 129]] } },
      130,
    ],
    ['lists only the newest', { receipt: { count: 130, durable: 9, ranges: [[120, 129]], truncated: true } }, 0],
    [
      'lacks what is not confirmed yet',
      { confirmed: 100, kept: 30, receipt: { count: 100, durable: 0, ranges: [[0, 99]] } },
      0,
    ],
    [
      'was given before the last of it was confirmed',
      { receipt: { count: 100, durable: 0, ranges: [[0, 99]], asked: [[0, 99]] } },
      0,
    ],
    [
      'was given when more had been confirmed than it has',
      { receipt: { count: 90, durable: 0, ranges: [[10, 99]], asked: [[0, 109]] } },
      20,
    ],
    [
      'lists only the newest of what had been confirmed',
      { receipt: { count: 100, durable: 0, ranges: [[50, 97]], asked: [[0, 99]], truncated: true } },
      2,
    ],
    [
      'lists nothing any more',
      { receipt: { count: 100, durable: 0, ranges: [], asked: [[0, 99]], truncated: true } },
      0,
    ],
    ['is known by count only', { seq: [], receipt: { count: 128, durable: 128, ranges: [] } }, 2],
  ];
  it.each(RECEIPTS)('against an account of the server that %s', (_name, change, lacking) => {
    const { missing, complete } = makeCertificate(facts(sensor([attribute('ecg', change)])), SERVER);
    expect(missing.filter(({ kind }) => kind === 'not-held').map(({ samples }) => samples)).toEqual(
      lacking > 0 ? [lacking] : [],
    );
    expect(complete).toBe(missing.length === 0);
  });

  it('never loses a sample between two ways of counting', () => {
    const counts = fc.record({
      kept: fc.nat(50),
      confirmed: fc.nat(50),
      setAside: fc.nat(50),
      evicted: fc.nat(50),
      stray: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 4 }), counts, (attributes, rest) => {
        const made = attributes.map(({ stray, ...one }, place) => {
          const measured = one.kept + one.confirmed + one.setAside + one.evicted + stray;
          return attribute(`a${place}`, { ...one, measured });
        });
        const all = sumTallies([
          ...made,
          { ...rest, measured: rest.kept + rest.confirmed + rest.setAside + rest.evicted + rest.stray },
        ]);
        const certificate = makeCertificate(facts(sensor(made, all)), SERVER);
        const missing = certificate.missing.reduce((sum, { samples }) => sum + samples, 0);
        expect(missing).toBe(all.measured - all.confirmed);
        expect(certificate.complete).toBe(all.measured === all.confirmed);
      }),
    );
  });
});

describe('the checksum', () => {
  it('covers everything but itself, in whatever order the keys stand', async () => {
    const sealed = await sealCertificate(makeCertificate(facts(sensor([attribute('ecg')])), SERVER), sha256);
    const { checksum, ...rest } = JSON.parse(JSON.stringify(sealed)) as typeof sealed;
    const shuffled = Object.fromEntries(Object.entries(rest).reverse());
    const value = createHash('sha256').update(canonicalJson(shuffled)).digest('hex');
    expect(checksum).toEqual({ algorithm: 'SHA-256', of: 'canonical JSON without "checksum"', value });
    const forged = createHash('sha256')
      .update(canonicalJson({ ...rest, complete: false }))
      .digest('hex');
    expect(forged).not.toBe(value);
  });

  it('is null where the page may not make one, and the text says so', async () => {
    const sealed = await sealCertificate(makeCertificate(facts(), SERVER), undefined);
    expect(sealed.checksum).toBeNull();
    expect(certificateText(sealed, words)).toContain('Checksum (SHA-256): none: this page is not on a secure');
  });

  it('is over one spelling of a value', () => {
    expect(canonicalJson({ b: [1, undefined, { z: null, a: 'ü"' }], a: undefined, 10: true, 9: 1.5 })).toBe(
      '{"10":true,"9":1.5,"b":[1,null,{"a":"ü\\"","z":null}]}',
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('as a file', () => {
  it('has a name every file system takes', () => {
    const certificate = makeCertificate(facts(), SERVER);
    expect(certificateName(certificate)).toBe('sensocto-certificate-2026-11-23T10-00-00Z');
  });

  it('reads line by line', async () => {
    const receipt = { count: 1300, durable: 1170, ranges: [[0, 1299]] as SeqRange[] };
    const one = sensor([attribute('ecg', { measured: 1300, confirmed: 1300, receipt }), attribute('heartrate')], {
      gaps: [
        { from: FROM + 60_000, to: FROM + 90_000, cause: 'link-lost' },
        { from: FROM + 120_000, to: undefined, cause: 'evicted', attribute: 'ecg', samples: 4 },
      ],
    });
    const certificate = await sealCertificate(makeCertificate({ ...facts(one), to: FROM + 3_600_000 }, SERVER), sha256);
    const counts = (n: string): string => `Measured ${n} · Stored here 0 · Confirmed ${n} · Set aside 0 · Given up 0`;
    expect(certificateText(certificate, words).split('\n')).toEqual([
      'Delivery certificate',
      '',
      'Installation: a1b2c3d4e5f60718',
      'Server: https://sensors.example',
      'Session: 2026-11-23T09:00:00.000Z – 2026-11-23T10:00:00.000Z',
      'Taken: 2026-11-23T10:00:00.123Z',
      '',
      'All 1,430 samples measured are confirmed by the server.',
      '',
      counts('1,430'),
      '',
      'Polar H10 · s1',
      `  ${counts('1,430')}`,
      '  ECG (ecg) 2026-11-23T09:00:01.000Z – 2026-11-23T09:00:02.000Z',
      `    ${counts('1,300')}`,
      '    sequence numbers: 0–1299',
      '    held by the server: 1,300, on its disk: 1,170 (sequence numbers: 0–1299)',
      '  heartrate (heartrate) 2026-11-23T09:00:01.000Z – 2026-11-23T09:00:02.000Z',
      `    ${counts('130')}`,
      '    sequence numbers: 0–129',
      '    this server gives no account of what it holds',
      '  gap 2026-11-23T09:01:00.000Z – 2026-11-23T09:01:30.000Z: The link to the sensor was lost',
      '  gap 2026-11-23T09:02:00.000Z – still running: No room left on this device: the oldest samples were given up (ECG)',
      '',
      `Checksum (SHA-256): ${certificate.checksum?.value ?? ''}`,
      '',
    ]);
  });
});

describe('sets of sequence numbers', () => {
  /** Ascending, disjoint ranges within 0–60. */
  const ranges = fc.uniqueArray(fc.nat(60), { maxLength: 12 }).map((edges) => {
    const sorted = edges.sort((a, b) => a - b);
    return sorted.flatMap((first, i): SeqRange[] => {
      const last = sorted[i + 1];
      return i % 2 === 0 && last !== undefined ? [[first, last]] : [];
    });
  });
  const numbers = (set: readonly SeqRange[]): number[] =>
    set.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));

  it('have in common what both have', () => {
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        const inRight = new Set(numbers(right));
        const both = intersectSeq(left, right);
        expect(numbers(both)).toEqual(numbers(left).filter((one) => inRight.has(one)));
        expect(countSeq(both)).toBe(numbers(both).length);
      }),
    );
  });
});
