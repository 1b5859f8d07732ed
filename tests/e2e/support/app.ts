/** The app as a person uses it: by the names and roles it promises, never by its classes or structure. */
import { expect, type Locator, type Page } from '@playwright/test';

export type Screen = 'Sense' | 'Pose' | 'Watch' | 'Settings';

export class AppPage {
  readonly page: Page;
  /** Errors of the page: uncaught ones and what it writes to the console as errors. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  /** Opens the app and waits for its first screen. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await expect(this.link('Sense')).toBeVisible();
  }

  link(screen: Screen): Locator {
    return this.page.getByRole('link', { name: screen, exact: true });
  }

  /** Goes to a screen by its link. */
  async go(screen: Screen): Promise<void> {
    await this.link(screen).click();
    await expect(this.link(screen)).toHaveAttribute('aria-current', 'page');
  }

  get pair(): Locator {
    return this.page.getByRole('button', { name: 'Pair a Bluetooth sensor' });
  }

  get demo(): Locator {
    return this.page.getByRole('button', { name: 'Try a demo sensor' });
  }

  /** Starts one more demo sensor and gives its card. */
  async addDemo(): Promise<Locator> {
    const before = await this.cards.count();
    await this.demo.click();
    await expect(this.cards).toHaveCount(before + 1);
    return this.card(/^Demo strap/).nth(before);
  }

  /** All cards of demo sensors, here or on Watch. */
  get cards(): Locator {
    return this.card(/^Demo strap/);
  }

  /** The card of a device on Sense, or of a sensor on Watch: a region named after it. */
  card(name: string | RegExp): Locator {
    return this.page.getByRole('region', { name });
  }

  /** The connection status: one sentence. */
  get status(): Locator {
    return this.page.getByRole('status').first();
  }
}

/** Heart rate shown on a card, beats per minute; NaN while there is none (never 0). */
export async function bpmOn(card: Locator): Promise<number> {
  const text = await card.innerText();
  const found = /(\d{2,3})\s*bpm/.exec(text.replace(/\s+/g, ' '));
  return found ? Number(found[1]) : NaN;
}

/** Waits until a card shows a plausible heart rate, and gives it. */
export async function waitForBpm(card: Locator, timeout = 10_000): Promise<number> {
  let seen = NaN;
  await expect(async () => {
    seen = await bpmOn(card);
    expect(seen).toBeGreaterThan(29);
  }).toPass({ timeout, intervals: [100] });
  return seen;
}
