/** The way to toys, fetched when somebody has some. */
import { appError, describeThrown } from '../model/errors.ts';
import { fail, type Result } from '../model/result.ts';
import type { SensoctoApp } from './api.ts';
import type { Toys, ToysDeps } from './toys.ts';

export function createToysDoor(deps: ToysDeps): Pick<SensoctoApp, 'connectToys'> {
  let loading: Promise<Toys> | undefined;
  return {
    async connectToys(address): Promise<Result<void>> {
      try {
        loading ??= import('./toys.ts').then(({ Toys }) => new Toys(deps));
        return await (await loading).connect(address);
      } catch (thrown) {
        loading = undefined;
        return fail(appError('unexpected', describeThrown(thrown)));
      }
    },
  };
}
