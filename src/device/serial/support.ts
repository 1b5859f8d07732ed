/** Whether devices on a cable can be read here, before anything is fetched. Small: it belongs to the first load. */
import { appError, type AppError } from '../../model/errors.ts';

/** Why not; undefined: they can. */
export function serialProblem(scope: {
  readonly isSecureContext: boolean;
  readonly navigator: object;
}): AppError | undefined {
  if (!scope.isSecureContext) return appError('serial-insecure');
  return 'serial' in scope.navigator ? undefined : appError('serial-unsupported');
}
