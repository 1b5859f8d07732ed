/** How ids of devices on a cable begin. */
export const SERIAL_ID = 'serial-';
