/** Which of a sensor's readings to show first, and which can be drawn at all. */

/** Most telling first. */
const ORDER = ['heartrate', 'ecg', 'respiration'];
/** Facts and events: no trace says more than their text. */
const NOT_DRAWN: ReadonlySet<string> = new Set(['battery', 'body_location', 'energy_expended', 'button', 'buttons']);

/** Attributes worth a trace, the most telling first; others keep the order they came in. */
export function drawable(attributes: readonly string[]): string[] {
  const rank = (attribute: string): number => {
    const at = ORDER.indexOf(attribute);
    return at < 0 ? ORDER.length : at;
  };
  return attributes.filter((attribute) => !NOT_DRAWN.has(attribute)).sort((a, b) => rank(a) - rank(b));
}
