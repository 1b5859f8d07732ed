import { expect, it } from 'vitest';
import { createLog } from '../../../server/log.ts';

function lines(level?: 'debug' | 'info' | 'warn' | 'error') {
  const out: string[] = [];
  const log = createLog({ ...(level ? { level } : {}), write: (line) => out.push(line), now: () => 0 });
  return { log, out };
}

it('writes one line with level, message and fields', () => {
  const { log, out } = lines();
  log.info('listening', { url: 'http://localhost:1/', sockets: 3, none: undefined });
  expect(out).toEqual(['1970-01-01T00:00:00.000Z info listening url=http://localhost:1/ sockets=3']);
});

it('leaves out what is below its level', () => {
  const { log, out } = lines('warn');
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  expect(out.map((line) => line.split(' ')[1])).toEqual(['warn', 'error']);
});

it('keeps lines whole and secrets out', () => {
  const { log, out } = lines();
  log.warn('refused', { reason: 'two\nlines "x"', bearer_token: 'guest:a:b', payload: 72 });
  expect(out[0]).toContain('reason="two\\nlines \\"x\\"" bearer_token=[kept secret] payload=[kept secret]');
  expect(out[0]).not.toMatch(/\n|guest|72/);
});
