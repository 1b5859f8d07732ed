import { describe, expect, it } from 'vitest';
import { nextConnection, type ConnectionEvent } from '../../../src/channel/connection-machine.ts';
import type { ConnectionState } from '../../../src/model/connection.ts';
import { appError } from '../../../src/model/errors.ts';

const NOW = 1_700_000_000_000;
const error = appError('server-unauthorized');

const STATES = {
  idle: { at: 'idle' },
  connecting: { at: 'connecting' },
  connected: { at: 'connected' },
  reconnecting: { at: 'reconnecting', attempt: 3, retryAt: NOW + 4000, reason: 'closed 1006' },
  offline: { at: 'offline', since: NOW - 5000 },
  refused: { at: 'refused', error },
} as const satisfies Record<ConnectionState['at'], ConnectionState>;

const EVENTS = {
  connect: { type: 'connect' },
  opened: { type: 'opened' },
  dropped: { type: 'dropped', reason: 'closed 1012', now: NOW },
  scheduled: { type: 'scheduled', attempt: 4, retryAt: NOW + 8000 },
  networkLost: { type: 'networkLost', now: NOW },
  networkBack: { type: 'networkBack' },
  refused: { type: 'refused', error },
  retry: { type: 'retry' },
  stop: { type: 'stop' },
} as const satisfies Record<ConnectionEvent['type'], ConnectionEvent>;

const connecting: ConnectionState = { at: 'connecting' };
const connected: ConnectionState = { at: 'connected' };
const refused: ConnectionState = { at: 'refused', error };
const idle: ConnectionState = { at: 'idle' };
const offline: ConnectionState = { at: 'offline', since: NOW };
const dropped: ConnectionState = { at: 'reconnecting', attempt: 1, retryAt: NOW, reason: 'closed 1012' };
const scheduled: ConnectionState = { at: 'reconnecting', attempt: 4, retryAt: NOW + 8000, reason: 'unreachable' };

/** Every state × every event. `stay`: nothing happens. */
const TABLE: Record<ConnectionState['at'], Record<ConnectionEvent['type'], ConnectionState | 'stay'>> = {
  idle: {
    ...{ connect: connecting, opened: 'stay', dropped: 'stay', scheduled: 'stay' },
    ...{ networkLost: 'stay', networkBack: 'stay', refused, retry: 'stay', stop: idle },
  },
  connecting: {
    ...{ connect: 'stay', opened: connected, dropped, scheduled },
    ...{ networkLost: offline, networkBack: 'stay', refused, retry: 'stay', stop: idle },
  },
  connected: {
    ...{ connect: 'stay', opened: connected, dropped, scheduled },
    ...{ networkLost: offline, networkBack: 'stay', refused, retry: 'stay', stop: idle },
  },
  reconnecting: {
    ...{ connect: 'stay', opened: connected },
    // The next try is known before the drop is told: only the reason is new, and the other way round.
    dropped: { ...STATES.reconnecting, reason: 'closed 1012' },
    scheduled: { at: 'reconnecting', attempt: 4, retryAt: NOW + 8000, reason: 'closed 1006' },
    ...{ networkLost: offline, networkBack: connecting, refused, retry: connecting, stop: idle },
  },
  offline: {
    ...{ connect: 'stay', opened: connected, dropped: 'stay', scheduled: 'stay' },
    ...{ networkLost: 'stay', networkBack: connecting, refused, retry: connecting, stop: idle },
  },
  refused: {
    ...{ connect: 'stay', opened: 'stay', dropped: 'stay', scheduled: 'stay' },
    ...{ networkLost: 'stay', networkBack: 'stay', refused: 'stay', retry: connecting, stop: idle },
  },
};

describe.each(Object.entries(STATES))('%s', (at, state) => {
  it.each(Object.entries(EVENTS))('on %s', (type, event) => {
    const expected = TABLE[at as ConnectionState['at']][type as ConnectionEvent['type']];
    const next = nextConnection(state, event);
    if (expected === 'stay') expect(next).toBe(state);
    else expect(next).toEqual(expected);
  });
});
