/** IEEE-11073 floats as bits: the opposite of the profiles' readers, for scripted devices and tests. */

/** A 16-bit SFLOAT: 12 bits of mantissa, 4 of exponent. `digits` behind the point; the mantissa has to fit. */
export function sfloatBits(value: number, digits = 0): number {
  return (Math.round(value * 10 ** digits) & 0xfff) | ((-digits & 0xf) << 12);
}

/** A 32-bit FLOAT: 24 bits of mantissa, 8 of exponent. */
export function floatBits(value: number, digits = 0): number {
  return (Math.round(value * 10 ** digits) & 0xff_ffff) + (-digits & 0xff) * 0x100_0000;
}
