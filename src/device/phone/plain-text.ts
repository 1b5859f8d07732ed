/** Text as a person typed it, made fit to be kept and shown. Pure. */

/** Without control characters and spaces around it, at most `max` characters, none cut in half. */
export function plainText(text: string, max: number): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return [...plain].slice(0, max).join('').trim();
}
