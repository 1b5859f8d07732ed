/**
 * What glucose meters and continuous monitors have in common: units, and where a sample was taken. Source: Bluetooth SIG,
 * GATT Specification Supplement (Glucose Measurement, CGM Feature).
 */

/** g in a mol of glucose, C₆H₁₂O₆. */
const GRAMS_PER_MOL = 180.156;

/** Type 10: the meter was tried on a test fluid. */
export const CONTROL_SOLUTION = 10;

/** Type of a sample, 1–10; 0 and everything above is reserved. */
const TYPES: readonly (string | undefined)[] = [
  undefined,
  'capillary whole blood',
  'capillary plasma',
  'venous whole blood',
  'venous plasma',
  'arterial whole blood',
  'arterial plasma',
  'undetermined whole blood',
  'undetermined plasma',
  'interstitial fluid',
  'control solution',
];

/** Sample location, 1–5; 15 is "not available", the rest reserved. */
const LOCATIONS: readonly (string | undefined)[] = [
  undefined,
  'finger',
  'alternate site',
  'earlobe',
  'control solution',
  'subcutaneous tissue',
];

/** mmol/L of a concentration in kg/L. */
export function fromKilograms(perLitre: number): number {
  return (perLitre * 1e6) / GRAMS_PER_MOL;
}

/** mmol/L of a concentration in mg/dL. */
export function fromMilligrams(perDecilitre: number): number {
  return (perDecilitre * 10) / GRAMS_PER_MOL;
}

/** Name of a sample's type, from the byte that holds type (low half) and location (high half). */
export function sampleType(typeAndLocation: number): string | undefined {
  return TYPES[typeAndLocation & 0x0f];
}

/** Name of a sample's location, from the same byte; undefined where not available. */
export function sampleLocation(typeAndLocation: number): string | undefined {
  return LOCATIONS[typeAndLocation >> 4];
}
