import { describe, it } from 'vitest';
import type { Peripheral } from '../../src/device/bluetooth/radio.ts';
import { createScriptedRadio } from '../../src/device/demo/scripted-radio.ts';
import type { Result } from '../../src/model/result.ts';
import { manualTime } from '../unit/device/support/time.ts';
import { RADIO_CASES, type RadioBench } from './bluetooth-radio.ts';

function scriptedBench(): RadioBench {
  const time = manualTime();
  const radio = createScriptedRadio({ timers: time.timers, now: time.now });
  let chosen: string | undefined;
  return {
    radio,
    now: time.now,
    async choose(): Promise<Result<Peripheral>> {
      const result = await radio.request({ showAll: false });
      if (result.ok) chosen = result.value.id;
      return result;
    },
    send: (count) => time.advance(count * 1000),
    drop: () => {
      if (chosen !== undefined) radio.drop(chosen);
      return Promise.resolve();
    },
  };
}

// The same cases run over the browser's own Bluetooth stack in tests/e2e/bluetooth-lab.spec.ts.
for (const [name, make] of [['scripted radio', scriptedBench]] as const) {
  describe(name, () => {
    it.each(RADIO_CASES)('$name', async (radioCase) => {
      await radioCase.run(make());
    });
  });
}
