/** Counts, times and gaps of the delivery sheet as text. Pure but for the formats, which are built once per locale. */
import type { Gap, Tally, Totals } from '../../../model/proof.ts';
import type { CertificateWords } from '../../../app/certificate-text.ts';
import { makeNumber } from '../../../i18n/format.ts';
import type { Messages } from '../../../i18n/index.ts';
import { laterMessages } from '../../../i18n/later.ts';

/** The six facts about a tally. `now` in Unix ms. */
export function tallyFacts(
  tally: Totals,
  now: number,
  t: Messages,
): { readonly label: string; readonly text: string }[] {
  const words = laterMessages(t.locale).delivery;
  const number = makeNumber(t.locale);
  const { oldestUnsentAt } = tally;
  const oldest =
    oldestUnsentAt === undefined
      ? words.oldestNone
      : words.oldestAt(clockTime(oldestUnsentAt, now, t.locale), now - oldestUnsentAt);
  return [
    ...TALLY.map((name) => ({ label: words[name], text: number(tally[name]) })),
    { label: words.oldest, text: oldest },
  ];
}

/** In the order they are told. */
export const TALLY = [
  'measured',
  'kept',
  'confirmed',
  'setAside',
  'evicted',
] as const satisfies readonly (keyof Tally)[];

/** The time of day; with the date if it was another day. Both in Unix ms. */
export function clockTime(time: number, now: number, locale: string): string {
  const sameDay = new Date(time).toDateString() === new Date(now).toDateString();
  const format = new Intl.DateTimeFormat(locale, {
    ...(sameDay ? {} : { dateStyle: 'medium' }),
    timeStyle: 'medium',
  });
  return format.format(time);
}

/** When a gap was, and why. */
export function gapText(gap: Gap, now: number, t: Messages): { readonly when: string; readonly why: string } {
  const words = laterMessages(t.locale).delivery;
  const from = clockTime(gap.from, now, t.locale);
  const to = gap.to;
  const reading = gap.attribute === undefined ? [] : [t.attributes[gap.attribute] ?? gap.attribute];
  const missing = gap.samples === undefined ? [] : [words.gapSamples(gap.samples)];
  return {
    when: to === undefined ? words.gapSince(from) : words.gapSpan(from, clockTime(to, now, t.locale), to - gap.from),
    why: [words.cause[gap.cause], ...reading, ...missing].join(' · '),
  };
}

/** The words of a certificate's text form. */
export function certificateWords(t: Messages): CertificateWords {
  const { certificate, delivery } = laterMessages(t.locale);
  return {
    ...certificate,
    tally: delivery,
    attribute: (id) => t.attributes[id] ?? id,
    cause: delivery.cause,
    number: makeNumber(t.locale),
  };
}
