/** Demo sensors that can be chosen, by the kind that `app.tryDemo` knows; their names are in `i18n/`. */
import { DEMO_CATALOGUE } from '../../app/demo-kinds.ts';

export const DEMO_KINDS: readonly string[] = DEMO_CATALOGUE.map(({ kind }) => kind);
