/** What takes several actions, one after the other and no further than what works. */
import type { PoseActions, PoseState } from '../../../app/pose-api.ts';
import type { Acting } from './acting.svelte.ts';
import { chosenModel, isReady, type Remedy } from './pose-words.ts';

/** Everything from nothing to a running camera; what is there already is left out. */
export async function fetchAndStart(pose: PoseActions, { run }: Acting): Promise<void> {
  const now = (): PoseState => pose.pose.get();
  if (now().runtime === undefined && !(await run(pose.fetchRuntime()))) return;
  // A download that was cancelled is no failure, but there is no going on either.
  if (now().runtime === undefined) return;
  const model = chosenModel(now());
  if (model && !model.kept && !(await run(pose.fetchModel(model.kind)))) return;
  if (isReady(now())) await run(pose.startCamera());
}

/** Carries out what an error asks for; what only a person can choose is left to `choose`. */
export async function mend(remedy: Remedy, pose: PoseActions, acting: Acting, choose: () => void): Promise<void> {
  switch (remedy) {
    case 'choose-camera':
    case 'choose-model':
      acting.dismiss();
      choose();
      return;
    case 'remove-model': {
      const { kind } = chosenModel(pose.pose.get()) ?? {};
      if (kind === undefined || !(await acting.run(pose.removeModel(kind)))) return;
      return fetchAndStart(pose, acting);
    }
    default:
      return fetchAndStart(pose, acting);
  }
}
