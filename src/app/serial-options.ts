/** What a person can say about a serial device before choosing its port. For screens; small. */
export { BAUD_RATES, DEFAULT_BAUD, SERIAL_PRESETS } from '../device/serial/presets.ts';
