/** The way to toys, fetched when somebody has some. */
import type { SensoctoApp } from './api.ts';
import { fetchOnce } from './fetch-once.ts';
import type { ToysDeps } from './toys.ts';

export function createToysDoor(deps: ToysDeps): Pick<SensoctoApp, 'connectToys'> {
  const withToys = fetchOnce(() => import('./toys.ts').then(({ Toys }) => new Toys(deps)));
  return { connectToys: (address) => withToys((toys) => toys.connect(address)) };
}
