/** What the tabs together want to see of others, told to the one worker when it changes. */
import type { SensorId } from '../../../src/model/sensor.ts';
import type { SensorWorkerApi } from '../api.ts';
import type { TabId, Wish } from './messages.ts';

type Watching = Pick<SensorWorkerApi, 'watch' | 'setVisibleSensors' | 'focusSensors'>;

export class Wishes {
  readonly #wishes = new Map<TabId, Wish>();
  /** What the worker was told last; lists as text. */
  #told = { on: false, visible: '', focused: '[]' };

  set(tab: TabId, wish: Wish): void {
    this.#wishes.set(tab, wish);
  }

  delete(tab: TabId): void {
    this.#wishes.delete(tab);
  }

  /** Watches while any tab does, and looks at what any of them shows. */
  async tell(worker: Watching): Promise<void> {
    const watching = [...this.#wishes.values()].filter((wish) => wish.watch !== undefined);
    const quality = watching.at(-1)?.watch;
    const visible = union(watching.map((wish) => wish.visible ?? []));
    const focused = union([...this.#wishes.values()].map((wish) => wish.focused));
    const said = watching.some((wish) => wish.visible !== undefined);
    const next = {
      on: quality !== undefined,
      visible: said ? JSON.stringify(visible) : '',
      focused: JSON.stringify(focused),
    };
    const before = this.#told;
    this.#told = next;
    if (next.on !== before.on) await worker.watch(next.on, quality ?? 'high');
    if (next.on && said && next.visible !== before.visible) await worker.setVisibleSensors(visible);
    // A watch that begins anew knows of no focus.
    if (next.focused !== before.focused || (next.on && !before.on && focused.length > 0)) {
      await worker.focusSensors(focused);
    }
  }
}

function union(lists: readonly (readonly SensorId[])[]): SensorId[] {
  return [...new Set(lists.flat())].sort();
}
