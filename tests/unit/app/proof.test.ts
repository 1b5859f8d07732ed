/** The account of all samples, as the delivery sheet shows it. */
import { describe, expect, it } from 'vitest';
import { drainOf } from '../../../src/app/drain.ts';
import { accountsOf, asidesElsewhere, groupAside, verdictOf } from '../../../src/app/proof.ts';
import type { SetAsideItem, Tally } from '../../../src/model/proof.ts';
import { IDLE_STATUS, scriptedDevice, scriptedStatus } from '../../support/scripted-app.ts';

const tally = (change: Partial<Tally>): Tally => ({
  measured: 0,
  kept: 0,
  confirmed: 0,
  setAside: 0,
  evicted: 0,
  ...change,
});

describe('the verdict', () => {
  it('tells nothing, all, and some apart', () => {
    expect(verdictOf(tally({}))).toEqual({ kind: 'nothing' });
    expect(verdictOf(tally({ measured: 9, confirmed: 9 }))).toEqual({ kind: 'all', measured: 9 });
    expect(verdictOf(tally({ measured: 9, confirmed: 4, kept: 2, setAside: 2, evicted: 1 }))).toEqual({
      ...{ kind: 'some', measured: 9, unsent: 2, lost: 3 },
    });
  });

  it('counts what is moving from log to server as not confirmed', () => {
    expect(verdictOf(tally({ measured: 9, confirmed: 8, kept: 0 }))).toMatchObject({
      kind: 'some',
      unsent: 1,
      lost: 0,
    });
  });
});

describe('the accounts', () => {
  it('stand as the devices do, those without a device last, under their remembered name', () => {
    const devices = [scriptedDevice('Second', { at: 'live' }), scriptedDevice('First', { at: 'idle' })];
    const sensors = ['first', 'gone', 'second', 'unknown'].map((id) => scriptedStatus(id));
    const waiting = [{ sensorId: 'gone', name: 'Left at home', kept: 4 }];
    const accounts = accountsOf({ ...IDLE_STATUS, sensors, waiting }, devices);
    expect(accounts.map(({ name }) => name)).toEqual(['Second', 'First', 'Left at home', 'unknown']);
  });

  it('tell what is set aside of each, and of sensors that are not here', () => {
    const sensors = ['here', 'clean'].map((id) => scriptedStatus(id));
    const [here, away] = ['here', 'away'].map((id) => ({
      sensorId: id,
      name: `The ${id} one`,
      samples: 7,
      unknown: 1,
    }));
    if (!here || !away) throw new Error('no summaries');
    const status = { ...IDLE_STATUS, sensors, aside: [here, away] };
    expect(accountsOf(status, []).map(({ aside }) => aside)).toEqual([here, undefined]);
    expect(asidesElsewhere(status)).toEqual([away]);
    expect(asidesElsewhere(IDLE_STATUS)).toEqual([]);
  });

  it('know no backlog where none is', () => {
    expect(drainOf([])).toBeUndefined();
    expect(drainOf([{ drain: undefined }])).toBeUndefined();
  });
});

it('adds up what was set aside by reading and reason', () => {
  const item = (attribute: string | undefined, reason: string, samples: number): SetAsideItem => ({
    ...{ attribute, reason, samples, at: 1, firstSeq: 0 },
    content: { kind: 'unreadable', base64: '' },
  });
  const items = [item('ecg', 'invalid_batch', 3), item(undefined, 'block-corrupt', 1), item('ecg', 'invalid_batch', 4)];
  expect(groupAside([...items, item('ecg', 'other', 2)])).toEqual([
    { attribute: 'ecg', reason: 'invalid_batch', samples: 7, records: 2 },
    { attribute: undefined, reason: 'block-corrupt', samples: 1, records: 1 },
    { attribute: 'ecg', reason: 'other', samples: 2, records: 1 },
  ]);
});
