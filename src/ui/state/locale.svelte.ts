/** The language on the screen; changing it needs no reload, so a running measurement is not disturbed. */
import { FIRST_MESSAGES, loadMessages, pickLocale } from '../../i18n/index.ts';
import type { Locale, Messages } from '../../i18n/index.ts';

export class LocaleState {
  #messages = $state.raw<Messages>(FIRST_MESSAGES);
  #settled = $state(false);

  /** @param messages what is there from the start; settled unless they are the first paint's */
  constructor(messages: Messages = FIRST_MESSAGES) {
    this.#messages = messages;
    this.#settled = messages !== FIRST_MESSAGES;
  }

  get t(): Messages {
    return this.#messages;
  }

  /** False as long as further messages may come. */
  get settled(): boolean {
    return this.#settled;
  }

  async choose(locale: Locale): Promise<void> {
    try {
      this.#messages = await loadMessages(locale);
    } catch {
      // The file is gone or the network is. What is on the screen stays; the page offers a reload by itself.
    }
    this.#settled = true;
  }

  /** Chooses by the languages the browser was told. */
  chooseFor(languages: readonly string[]): Promise<void> {
    return this.choose(pickLocale(languages));
  }
}
