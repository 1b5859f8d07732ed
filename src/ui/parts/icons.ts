/** The icon set: 24 × 24, one stroke weight, drawn for this app. Paths without fill unless the name is in FILLED. */

export const ICONS = {
  sense: 'M3 12h4l2.5-6 4 12L16 12h5',
  pose: 'M12 3.2a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8ZM4.5 8.5l7.5 2 7.5-2M12 10.5V15l-3.5 5.8M12 15l3.5 5.8',
  watch:
    'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6Z',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4ZM9 14.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z',
  heart: 'M12 20.2S3.6 15.4 3.6 9.4A4.6 4.6 0 0 1 12 6.8a4.6 4.6 0 0 1 8.4 2.6c0 6-8.4 10.8-8.4 10.8Z',
  bluetooth: 'm7 8 10 8-5 4.5v-17L17 8 7 16',
  phone: 'M7.5 3.5h9v17h-9ZM11 17.5h2',
  play: 'M8 5.5v13l10.5-6.5L8 5.5Z',
  list: 'M5 6.5h14M5 12h14M5 17.5h9',
  more: 'M12 5.5v.01M12 12v.01M12 18.5v.01',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h10.5v10.5H9V9ZM5.5 15H4.5V4.5H15v1',
  live: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z',
  off: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z',
  busy: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM12 5v14M10 5.6v12.8M8 6.6v10.8M6.2 8.6v6.8',
  pause: 'M7 5h3v14H7ZM14 5h3v14h-3Z',
  alert: 'M12 4 21 20H3L12 4Z',
  warn: 'M12 4 21 20H3L12 4ZM12 10.5v3.5M12 16.8v.01',
} as const;

export type IconName = keyof typeof ICONS;

/** Shapes that are filled, so that states differ by form even in one colour. */
export const FILLED: ReadonlySet<IconName> = new Set(['live', 'alert', 'heart', 'pause']);
