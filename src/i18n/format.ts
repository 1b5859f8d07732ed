/** Numbers and plurals of a locale. Each maker builds its Intl object once; they are costly to build. */

/** Formats numbers with `digits` fixed digits after the point; whole numbers by default. */
export function makeNumber(locale: string, digits = 0): (value: number) => string {
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => format.format(value);
}

/** Texts by plural category; `other` is the one every language has. */
export type PluralForms = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;

/** Picks the form a language uses for `n`. */
export function makePlural(locale: string): (n: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(locale);
  return (n, forms) => forms[rules.select(n)] ?? forms.other;
}
