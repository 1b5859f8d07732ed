/** What the screens and this phone's sources say to each other. Types only. */

/** One of the eight push buttons. */
export type ButtonNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** How exactly a place is given away: as the phone knows it, or the middle of a square of this width. */
export type LocationDetail = 'exact' | '100 m' | '1 km';

/** What a person says they are doing. A page cannot see other apps: it is typed or shared by hand. */
export interface Presence {
  readonly title: string;
  readonly description?: string;
  /** http or https. */
  readonly url?: string;
}
