/** The page of bluetooth-lab.spec.ts: our real radio and link in a window, without the app around them. */
import { RADIO_CASES, type RadioBench } from '../../contract/bluetooth-radio.ts';
import { createBrowserRadio } from '../../../src/device/bluetooth/gatt.ts';
import { createLink, type Link } from '../../../src/device/bluetooth/link.ts';
import type { Peripheral } from '../../../src/device/bluetooth/radio.ts';
import { decoderFor, PROFILES } from '../../../src/device/profiles/registry.ts';
import { systemTimers } from '../../../src/lib/timers.ts';
import type { AppError } from '../../../src/model/errors.ts';
import type { LinkState } from '../../../src/model/link.ts';
import type { Result } from '../../../src/model/result.ts';

/** What happened on one link, as plain data the test can fetch. */
export interface LinkRecord {
  readonly id: string;
  readonly states: LinkState[];
  readonly heartrate: number[];
  readonly rr: number[];
  /** Unix ms. */
  readonly arrivals: number[];
  readonly facts: unknown[];
  readonly bad: string[];
  readonly warnings: AppError[];
  linksLost: number;
}

export interface LabPage {
  readonly records: Record<string, LinkRecord>;
  readonly links: Record<string, Link>;
  /** Resolves when the pair button was pressed and the chooser answered; the error's code or `ok`. */
  pair(): Promise<string>;
  /** Starts links to all known devices; their names. */
  returnToKnown(): Promise<string[]>;
  capability(): Promise<Result<{ canReturn: boolean }>>;
  /** Runs one case of the contract; undefined if it passed. */
  runCase(name: string): Promise<string | undefined>;
}

declare global {
  interface Window {
    lab: LabPage;
    /** Provided by the test. */
    labPress(): Promise<void>;
    labSend(count: number): Promise<void>;
    labDrop(): Promise<void>;
  }
}

const radio = createBrowserRadio();
const records: Record<string, LinkRecord> = {};
const links: Record<string, Link> = {};

function open(peripheral: Peripheral): void {
  const record: LinkRecord = {
    id: peripheral.id,
    states: [],
    heartrate: [],
    rr: [],
    arrivals: [],
    facts: [],
    bad: [],
    warnings: [],
    linksLost: 0,
  };
  const link = createLink(peripheral, {
    profiles: PROFILES,
    onBytes: (uuid, bytes, arrival) => take(record, uuid, bytes, arrival),
    onState: (state) => record.states.push(state),
    onLinkLost: () => (record.linksLost += 1),
    onWarning: (error) => record.warnings.push(error),
    radio,
    now: () => Date.now(),
    random: Math.random,
    timers: systemTimers,
  });
  records[peripheral.name] = record;
  links[peripheral.name] = link;
  link.start();
}

function take(record: LinkRecord, uuid: string, bytes: ArrayBuffer, arrival: number): void {
  const decoded = decoderFor(uuid)?.(new DataView(bytes));
  if (!decoded) return;
  if (!decoded.ok) {
    record.bad.push(decoded.error.code);
    return;
  }
  record.facts.push(...decoded.value.facts.filter((fact) => fact.kind !== 'contact'));
  for (const reading of decoded.value.readings) {
    if (reading.kind !== 'numeric') continue;
    if (reading.attribute === 'rr_interval') record.rr.push(...reading.values);
    if (reading.attribute !== 'heartrate') continue;
    record.heartrate.push(...reading.values);
    record.arrivals.push(arrival);
  }
}

const button = document.createElement('button');
button.textContent = 'Pair';
document.body.append(button);

/** Opens the chooser from the next press of the button: it needs a gesture. */
function request(): Promise<Result<Peripheral>> {
  return new Promise((resolve) => {
    button.onclick = () => void radio.request({ showAll: false }).then(resolve);
  });
}

function bench(): RadioBench {
  return {
    radio,
    now: () => Date.now(),
    async choose() {
      const chosen = request();
      await window.labPress();
      return chosen;
    },
    send: (count) => window.labSend(count),
    drop: () => window.labDrop(),
  };
}

window.lab = {
  records,
  links,
  capability: () => radio.capability(),
  async pair() {
    const chosen = await request();
    if (!chosen.ok) return chosen.error.code;
    open(chosen.value);
    return 'ok';
  },
  async returnToKnown() {
    const known = await radio.known();
    for (const peripheral of known) open(peripheral);
    return known.map((peripheral) => peripheral.name);
  },
  async runCase(name) {
    const found = RADIO_CASES.find((one) => one.name === name);
    if (!found) return `no case ${name}`;
    try {
      await found.run(bench());
      return undefined;
    } catch (thrown) {
      return String(thrown);
    }
  },
};
