/** Parts of the app that are fetched when somebody wants them, once. */
import { appError, describeThrown } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';

/** Uses what `load` fetches; what could not be fetched is fetched anew the next time. Nothing here throws. */
export function fetchOnce<Part>(
  load: () => Promise<Part>,
): <T>(use: (part: Part) => Promise<Result<T>> | Result<T>) => Promise<Result<T>> {
  let loading: Promise<Part> | undefined;
  return async (use) => {
    try {
      return await use(await (loading ??= load()));
    } catch (thrown) {
      loading = undefined;
      return fail(appError('unexpected', describeThrown(thrown)));
    }
  };
}
