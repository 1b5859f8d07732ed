/** How often a viewer is served. */
export const QUALITIES = ['high', 'medium', 'low', 'minimal'] as const;
export type Quality = (typeof QUALITIES)[number];
