/** A radio whose code is fetched when it is first needed: scripted straps are no part of the first load. */
import { appError, describeThrown } from '../../model/errors.ts';
import { fail } from '../../model/result.ts';
import type { Radio } from '../bluetooth/radio.ts';

/** @param load fetches and builds the radio; called once, and again only after it failed */
export function createLaterRadio(load: () => Promise<Radio>): Radio {
  let loading: Promise<Radio> | undefined;
  const radio = (): Promise<Radio> =>
    (loading ??= load().catch((thrown: unknown) => {
      loading = undefined;
      throw thrown;
    }));
  const broken = (thrown: unknown) => fail(appError('unexpected', describeThrown(thrown)));
  return {
    capability: () => radio().then((one) => one.capability(), broken),
    request: (options) => radio().then((one) => one.request(options), broken),
    // Devices that cannot be reached are none.
    known: () =>
      radio().then(
        (one) => one.known(),
        () => [],
      ),
    onAdapterChange(listener, signal) {
      void radio().then(
        (one) => one.onAdapterChange(listener, signal),
        // The page says by itself that a part is missing; without the radio there is no adapter either.
        () => listener(false),
      );
    },
  };
}
