/** Demo sensors that can be chosen, by the kind that `app.tryDemo` knows; their names are in `i18n/`. */
export const DEMO_KINDS: readonly string[] = ['strap'];
