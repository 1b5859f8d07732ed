/** The REST client, fetched with the first call: with no network there is none, and checking answers is a library's work. */
import { appError, describeThrown } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';
import type { Fetch } from './ports.ts';
import type { RestClient } from './rest-client.ts';

/** @param fetch same-origin fetch; other origins are never called */
export function createLaterRest(fetch: Fetch): RestClient {
  async function withClient<T>(run: (client: RestClient) => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await run((await import('./rest-client.ts')).createRestClient(fetch));
    } catch (thrown) {
      // The file did not come, so nothing else would.
      return fail(appError('server-unreachable', describeThrown(thrown)));
    }
  }
  return {
    mintGuest: (displayName) => withClient((client) => client.mintGuest(displayName)),
    mintViewerToken: (...args) => withClient((client) => client.mintViewerToken(...args)),
  };
}
