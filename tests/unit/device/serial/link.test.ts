/** The window's side of a port: who reads it, and what of that shows. */
import { expect, test } from 'vitest';
import { SerialLink, type LocalReader } from '../../../../src/device/serial/link.ts';
import type { SerialOrder, SerialRequest } from '../../../../src/device/serial/request.ts';
import { appError } from '../../../../src/model/errors.ts';
import type { LinkState } from '../../../../src/model/link.ts';
import { fail, ok, type Result } from '../../../../src/model/result.ts';
import { ARDUINO } from '../../../support/fake-serial.ts';
import { turns } from '../../../support/manual-clock.ts';

const REQUEST: SerialRequest = { identity: ARDUINO, baud: 9600 };

/** Messages between ports take a turn or two of their own. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await turns();
}

function bench(answer: Result<void> = ok(undefined)) {
  const states: LinkState[] = [];
  const log: string[] = [];
  const channels: MessagePort[] = [];
  let showHere: ((state: LinkState) => void) | undefined;
  const here: LocalReader = {
    start: () => void log.push('here start'),
    stop: () => void log.push('here stop'),
    retry: () => void log.push('here retry'),
  };
  const link = new SerialLink(REQUEST, {
    openInWorker(request, channel) {
      log.push(`worker ${request.baud}`);
      channel.onmessage = (event: MessageEvent<SerialOrder>) => void log.push(event.data);
      channels.push(channel);
      return Promise.resolve(answer);
    },
    readHere(request, onState) {
      log.push(`here ${request.baud}`);
      showHere = onState;
      return here;
    },
    forgetPort: ({ baud }) => Promise.resolve(void log.push(`forget ${baud}`)),
    onState: (state) => states.push(state),
    onStart: ({ baud }) => void log.push(`remember ${baud}`),
  });
  const close = (): void => channels.forEach((channel) => channel.close());
  return { link, states, log, channels, close, showHere: (state: LinkState) => showHere?.(state) };
}

test('read in the worker: orders go there, reports show', async () => {
  const { link, log, channels, states, close } = bench();
  link.start();
  await settle();
  channels[0]?.postMessage({ at: 'live' } satisfies LinkState);
  await settle();
  expect(link.state).toEqual({ at: 'live' });
  link.retry();
  link.stop();
  channels[0]?.postMessage({ at: 'waiting', attempt: 1, retryAt: 0, error: appError('serial-busy') });
  await settle();
  expect(link.state).toEqual({ at: 'idle' });
  link.start();
  await settle();
  expect(log).toEqual(['remember 9600', 'worker 9600', 'start', 'retry', 'stop', 'remember 9600', 'start']);
  expect(states.map(({ at }) => at)).toEqual(['connecting', 'live', 'idle']);
  close();
});

test('where workers have no ports it is read here', async () => {
  const { link, log, showHere } = bench(fail(appError('serial-unsupported')));
  link.start();
  await settle();
  showHere({ at: 'live' });
  expect(link.state).toEqual({ at: 'live' });
  link.stop();
  showHere({ at: 'live' });
  expect(link.state).toEqual({ at: 'idle' });
  expect(log).toEqual(['remember 9600', 'worker 9600', 'here 9600', 'here start', 'here stop']);
});

test('a worker that fails otherwise is told, and can be tried again', async () => {
  const { link, log } = bench(fail(appError('unexpected', 'no file')));
  link.start();
  await settle();
  expect(link.state).toEqual({ at: 'lost', error: appError('unexpected', 'no file') });
  link.retry();
  await settle();
  expect(log).toEqual(['remember 9600', 'worker 9600', 'remember 9600', 'worker 9600']);
});

test('another speed: the old reader is given up, a new one begins', async () => {
  const { link, log, channels, close } = bench();
  link.start();
  await settle();
  link.use({ ...REQUEST, baud: 57_600 });
  link.start();
  await settle();
  channels[0]?.postMessage({ at: 'live' } satisfies LinkState);
  await settle();
  expect(link.state.at).toBe('connecting');
  channels[1]?.postMessage({ at: 'live' } satisfies LinkState);
  await settle();
  expect(link.state.at).toBe('live');
  expect(log.filter((entry) => entry !== 'start')).toEqual([
    'remember 9600',
    'worker 9600',
    'remember 57600',
    'worker 57600',
    'stop',
    'close',
  ]);
  close();
});

test('forgotten: the permission is given back, and nothing shows any more', async () => {
  const { link, log, channels, close } = bench();
  link.start();
  await settle();
  await link.forget();
  channels[0]?.postMessage({ at: 'live' } satisfies LinkState);
  await settle();
  expect(link.state).toEqual({ at: 'forgotten' });
  expect(log.at(2)).toBe('start');
  expect(log).toContain('forget 9600');
  expect(log).toContain('close');
  close();
});

test('stopped before anybody answered: nobody reads', async () => {
  const { link, log, close } = bench();
  link.start();
  link.stop();
  await settle();
  expect(log).toEqual(['remember 9600', 'worker 9600']);
  expect(link.state).toEqual({ at: 'idle' });
  expect(await link.command()).toEqual(fail(appError('command-unsupported')));
  close();
});
