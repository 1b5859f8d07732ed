import { describe, expect, it } from 'vitest';
import { systemTimers } from '../../../src/lib/timers.ts';

describe('systemTimers', () => {
  it('runs a task later, and not one that was called off', async () => {
    const ran: string[] = [];
    const cancel = systemTimers.after(1, () => ran.push('cancelled'));
    await new Promise<void>((done) => {
      systemTimers.after(5, () => {
        ran.push('kept');
        done();
      });
      cancel();
      cancel();
    });
    expect(ran).toEqual(['kept']);
  });
});
