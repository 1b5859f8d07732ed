/** How a reading's trace looks: which colour, which kind of picture. Pure. */
import type { AttributeType } from '../../model/attribute-types.ts';
import type { TraceMode } from '../parts/trace/geometry.ts';

/** Colour tokens of `tokens.css`. */
export type TraceColour = 'heart' | 'wave' | 'breath' | 'violet' | 'water' | 'growth' | 'accent';

/**
 * The platform's hint colours, each as the token that is nearest to it and has enough contrast in both themes.
 * Source: the platform's attribute list.
 */
const BY_HINT: Readonly<Record<string, TraceColour>> = {
  '#ff4444': 'heart',
  '#ffc107': 'wave',
  '#f59e0b': 'wave',
  '#06b6d4': 'breath',
  '#8b5cf6': 'violet',
  '#3b82f6': 'water',
  '#10b981': 'growth',
  '#22c55e': 'growth',
};
const BY_CATEGORY: Readonly<Partial<Record<AttributeType['category'], TraceColour>>> = {
  marine: 'water',
  environment: 'growth',
  activity: 'growth',
  eye: 'violet',
};

export function traceColour({ hint, category }: AttributeType): TraceColour {
  return (hint === undefined ? undefined : BY_HINT[hint]) ?? BY_CATEGORY[category] ?? 'accent';
}

/** Breath is drawn slower, or no more than one would be seen. */
const SLOW: ReadonlySet<string> = new Set(['respiration', 'breath_pressure']);

/**
 * What a type is always drawn as. Motion and eyes sweep at whatever rate they are asked to come, so that the picture does
 * not change its kind when the server asks for less. Undefined: by its rhythm.
 */
export function traceMode({ type, shape, category }: AttributeType): TraceMode | undefined {
  if (SLOW.has(type)) return 'slow-sweep';
  if (shape === 'waveform' || type === 'ppg') return 'sweep';
  return shape === 'fields' && (category === 'motion' || category === 'eye') ? 'sweep' : undefined;
}

/** A letter or two for a line among others: its own name where that is short, else one by its place. */
export function lineLabel(field: string, place: number): string {
  return field.length <= 2 ? field : String.fromCharCode(97 + (place % 26));
}
