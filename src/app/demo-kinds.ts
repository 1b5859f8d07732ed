/** The scripted devices there are, for the door's list: kinds for `tryDemo`, with English names where a locale has none. */
export { DEMO_CATALOGUE } from '../device/demo/catalogue.ts';
