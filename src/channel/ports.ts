/** What the channel layer needs from others. */

/** Small durable facts; implemented by the settings store. */
export interface SettingsPort {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

/** The part of `fetch` we use. */
export type Fetch = (
  path: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Response>;
