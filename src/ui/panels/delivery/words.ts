/** Counts, times and gaps of the delivery sheet as text. Pure but for the formats, which are built once per locale. */
import type { Gap, Tally, Totals } from '../../../model/proof.ts';
import type { CertificateWords } from '../../../app/certificate-text.ts';
import { makeNumber } from '../../../i18n/format.ts';
import type { Messages } from '../../../i18n/index.ts';
import { laterMessages } from '../../../i18n/later.ts';
import { readingName } from '../../../i18n/reading-name.ts';

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
      : words.oldestAt(
          clockFormat([oldestUnsentAt], now, t.locale, 'short').format(oldestUnsentAt),
          now - oldestUnsentAt,
        );
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

/** Shows times of day, with the date unless all of `times` are of today. Unix ms. */
function clockFormat(
  times: readonly number[],
  now: number,
  locale: string,
  timeStyle: 'medium' | 'short',
): Intl.DateTimeFormat {
  const today = new Date(now).toDateString();
  const dated = times.some((time) => new Date(time).toDateString() !== today);
  return new Intl.DateTimeFormat(locale, { ...(dated ? { dateStyle: 'medium' } : {}), timeStyle });
}

/** When a gap was, and why. */
export function gapText(gap: Gap, now: number, t: Messages): { readonly when: string; readonly why: string } {
  const words = laterMessages(t.locale).delivery;
  const { from, to } = gap;
  const clock = clockFormat(to === undefined ? [from] : [from, to], now, t.locale, 'medium');
  const reading = gap.attribute === undefined ? [] : [readingName(t.locale, gap.attribute)];
  const missing = gap.samples === undefined ? [] : [words.gapSamples(gap.samples)];
  return {
    when: to === undefined ? words.gapSince(clock.format(from)) : words.gapSpan(clock.formatRange(from, to), to - from),
    why: [words.cause[gap.cause], ...reading, ...missing].join(' · '),
  };
}

/** The words of a certificate's text form. */
export function certificateWords(t: Messages): CertificateWords {
  const { certificate, delivery } = laterMessages(t.locale);
  return {
    ...certificate,
    tally: delivery,
    attribute: (id) => readingName(t.locale, id),
    cause: delivery.cause,
    number: makeNumber(t.locale),
  };
}
