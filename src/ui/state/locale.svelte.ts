/** The language on the screen; changing it needs no reload, so a running measurement is not disturbed. */
import { FIRST_MESSAGES, loadMessages, pickLocale } from '../../i18n/index.ts';
import type { Locale, Messages } from '../../i18n/index.ts';

export class LocaleState {
  #messages = $state.raw<Messages>(FIRST_MESSAGES);

  get t(): Messages {
    return this.#messages;
  }

  async choose(locale: Locale): Promise<void> {
    this.#messages = await loadMessages(locale);
  }

  /** Chooses by the languages the browser was told. */
  async chooseFor(languages: readonly string[]): Promise<void> {
    const locale = pickLocale(languages);
    if (locale !== this.#messages.locale) await this.choose(locale);
  }
}
