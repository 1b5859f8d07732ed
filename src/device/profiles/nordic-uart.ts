/**
 * Nordic UART service 6E400001-…: a serial line over Bluetooth, on boards of every kind (Espruino, Bangle.js, micro:bit,
 * Bluefruit, ESP32 sketches). What is sent over it is up to the board: lines of text are read, see `device/lines`.
 * Source: Nordic nRF5 SDK documentation, Nordic UART Service; micro:bit Bluetooth profile, UART service.
 */
import { createLineReader, UNNAMED } from '../lines/line-reader.ts';
import { ok } from '../../model/result.ts';
import type { CharacteristicSpec, Decoder, Fact, Profile, Uuid } from './profile.ts';

const SERVICE = '6e400001-b5a3-f393-e0a9-e50e24dcca9e';
/** From the board; on a micro:bit it is what the board listens to. */
export const UART_TX = '6e400003-b5a3-f393-e0a9-e50e24dcca9e';
/** To the board; on a micro:bit, whose profile has the two the other way round, it is what the board says. */
export const UART_RX = '6e400002-b5a3-f393-e0a9-e50e24dcca9e';

/**
 * Lines of text, split over notifications as it happens. Numbers become attributes by their names; text for people (a
 * banner, a prompt) is shown as the device's last message. Lines that make no sense are counted, the others are used.
 */
function makeLineDecoder(): Decoder {
  const reader = createLineReader();
  return (bytes) => {
    const { readings, texts, problems } = reader.take(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const text = texts.at(-1);
    const facts: Fact[] = text === undefined ? [] : [{ kind: 'device', label: 'message', text }];
    return ok({ readings, facts, ...(problems.length > 0 && { problems }) });
  };
}

/** Only one of the two notifies, and only that one is listened to. */
function direction(uuid: Uuid, name: string): CharacteristicSpec {
  return {
    uuid,
    name,
    use: 'notify',
    attributes: [{ attribute: UNNAMED, attributeType: UNNAMED, samplingRate: 0 }],
    namesAttributes: true,
    onFull: 'keep',
    makeDecoder: makeLineDecoder,
  };
}

export const nordicUartProfile: Profile = {
  service: SERVICE,
  name: 'UART',
  advertised: true,
  namePrefixes: ['Bangle.js', 'Espruino', 'Puck.js', 'Pixl.js', 'MDBT42Q', 'Jolt.js'],
  sensorType: 'nordic_uart',
  characteristics: [direction(UART_TX, 'Text'), direction(UART_RX, 'Text (micro:bit)')],
};
