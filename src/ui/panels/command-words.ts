/** Commands of people who watch, in words. Pure. */
import type { DeviceCommand, ThingyCommand } from '../../model/command.ts';
import { unreachable } from '../../model/errors.ts';
import type { SensorMessages } from '../../i18n/sensors.ts';

type Words = SensorMessages['commands'];
type Led = Extract<ThingyCommand, { command: 'set_led' }>['led'];

/** What a command would do. */
export function commandWords(command: DeviceCommand, words: Words): string {
  switch (command.command) {
    case 'vibrate':
      return words.vibrate(100 * command.speed);
    case 'rotate':
      return words.rotate(100 * command.speed, command.clockwise);
    case 'linear':
      return words.linear(100 * command.position, command.duration / 1000);
    case 'stop':
      return words.stop;
    case 'set_led':
      return ledWords(command.led, words);
    case 'play_tone':
      return words.tone(command.frequency, command.duration / 1000);
    case 'play_sample':
      return words.sample(command.sample + 1);
    default:
      return unreachable(command);
  }
}

function ledWords(led: Led, words: Words): string {
  switch (led.mode) {
    case 'off':
      return words.ledOff;
    case 'constant':
      return words.ledConstant(words.colours[colourOf(led)]);
    case 'breathe':
      return words.ledBreathe(led.intensity, led.delay / 1000);
    case 'one_shot':
      return words.ledOnce(led.intensity);
  }
}

/** By which of the three lamps burn, half as bright as the brightest at least. */
const LAMPS = ['black', 'blue', 'green', 'cyan', 'red', 'magenta', 'yellow', 'white'] as const;

function colourOf({ r, g, b }: Led): (typeof LAMPS)[number] {
  const bright = Math.max(r, g, b) / 2;
  const burns = (lamp: number): number => (lamp > 0 && lamp >= bright ? 1 : 0);
  return LAMPS[4 * burns(r) + 2 * burns(g) + burns(b)] ?? 'white';
}
