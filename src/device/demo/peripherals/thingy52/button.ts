/** The button of the board: somebody presses it every few seconds. */
import { mulberry32 } from '../../../../lib/random.ts';
import { THINGY } from '../../../profiles/thingy52/uuids.ts';
import { offer, type Part } from '../../offer.ts';

/** How long it is held, ms. */
const HELD = 250;

export function buttonPart(seed: number): Part {
  const random = mulberry32(seed);
  return {
    offer: [offer(THINGY.userInterface, THINGY.button, 'notify')],
    streams: [
      {
        on: THINGY.button,
        first: 2000,
        period: () => 4000 + 6000 * random(),
        send({ arrival }, wire) {
          wire.notify(THINGY.button, Uint8Array.of(1), arrival);
          wire.later(HELD, (released) => wire.notify(THINGY.button, Uint8Array.of(0), released.arrival));
        },
      },
    ],
  };
}
