/** What emulated devices are made of. */
import { assigned } from '../../../../src/device/profiles/profile.ts';
import type { CharacteristicSetup, Notification, ServiceSetup } from '../bluetooth.ts';

/** Bytes of hex digits; spaces allowed. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** Hex digits of bytes, in pairs. */
export function hex(data: Uint8Array): string {
  return Buffer.from(data)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
}

/** Real devices do not let their streams be read; the emulation needs it, see `BluetoothLab.notify`. */
export function stream(uuid: string, indicated = false): CharacteristicSetup {
  return { uuid, properties: { read: true, ...(indicated ? { indicate: true } : { notify: true }) } };
}

/** A value that is only read. */
export function value(uuid: string, data: Uint8Array): CharacteristicSetup {
  return { uuid, properties: { read: true }, value: data };
}

/** Written to with response; answers are indicated on the same characteristic. */
export function controlPoint(
  uuid: string,
  onWrite: (data: Uint8Array) => readonly Notification[] | number,
  reads?: Uint8Array,
): CharacteristicSetup {
  const properties = { read: true, write: true, indicate: true };
  return { uuid, properties, onWrite, ...(reads && { value: reads }) };
}

/** Battery service 0x180F. */
export function battery(percent: number): ServiceSetup {
  return {
    uuid: assigned(0x180f),
    characteristics: [{ ...stream(assigned(0x2a19)), value: Uint8Array.of(percent) }],
  };
}
