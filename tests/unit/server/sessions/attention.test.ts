import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affected, AttentionTracker, PREWARM, sees, viewOf } from '../../../../server/sessions/attention.ts';

function tracker() {
  let now = 0;
  const changes: Affected[] = [];
  const attention = new AttentionTracker(
    () => now,
    (affected) => changes.push(affected),
  );
  return { attention, changes, pass: (ms: number) => (now += ms) };
}

describe('viewOf', () => {
  it('shows all that is granted until told otherwise', () => {
    expect(viewOf({ granted: null, visible: undefined, focused: [] })).toEqual({ visible: null, focused: new Set() });
    expect(viewOf({ granted: ['a', 'b'], visible: undefined, focused: [] }).visible).toEqual(new Set(['a', 'b']));
  });

  it('never shows or focuses more than granted', () => {
    const view = viewOf({ granted: ['a', 'b'], visible: ['b', 'c', 'a'], focused: ['c', 'a'] });
    expect(view).toEqual({ visible: new Set(['a', 'b']), focused: new Set(['a']) });
    expect(sees(view, 'c')).toBe(false);
  });

  it('takes a single visible sensor for the one looked at', () => {
    expect(viewOf({ granted: null, visible: ['a'], focused: [] }).focused).toEqual(new Set(['a']));
    expect(viewOf({ granted: ['a'], visible: undefined, focused: [] }).focused).toEqual(new Set(['a']));
    expect(viewOf({ granted: null, visible: [], focused: [] }).focused).toEqual(new Set());
  });

  it('sees what is in focus though it is not on the screen', () => {
    expect(sees(viewOf({ granted: null, visible: ['a', 'b'], focused: ['c'] }), 'c')).toBe(true);
  });
});

describe('AttentionTracker', () => {
  it('keeps a sensor warm for half an hour and then lets go', () => {
    const { attention, changes, pass } = tracker();
    attention.prewarm('s');
    expect([attention.level('s'), changes]).toEqual(['medium', [new Set(['s'])]]);
    pass(PREWARM - 1);
    attention.sweep();
    expect([attention.level('s'), changes.length]).toEqual(['medium', 1]);
    pass(1);
    attention.sweep();
    expect([attention.level('s'), changes.length]).toEqual(['none', 2]);
    attention.prewarm('s');
    attention.forget('s');
    expect(attention.level('s')).toBe('none');
  });

  it('names the sensors a change may concern', () => {
    const { attention, changes } = tracker();
    const viewer = {};
    attention.look(viewer, { visible: new Set(['a']), focused: new Set(['b']) });
    attention.look(viewer, { visible: new Set(['c']), focused: new Set() });
    attention.look(viewer, { visible: null, focused: new Set() });
    attention.leave(viewer);
    attention.leave(viewer);
    expect(changes).toEqual([new Set(['a', 'b']), new Set(['a', 'b', 'c']), 'all', 'all']);
  });

  it('agrees with a plain look at all views, whatever viewers do', () => {
    const ids = fc.subarray(['a', 'b', 'c']);
    const step = fc.record({
      viewer: fc.nat({ max: 3 }),
      view: fc.option(fc.record({ visible: fc.option(ids), focused: ids })),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { attention } = tracker();
        const viewers = [{}, {}, {}, {}];
        const views = new Map<object, { visible: Set<string> | null; focused: Set<string> }>();
        for (const { viewer: index, view } of steps) {
          const viewer = viewers[index] ?? {};
          if (view) {
            const next = { visible: view.visible && new Set(view.visible), focused: new Set(view.focused) };
            views.set(viewer, next);
            attention.look(viewer, next);
          } else {
            views.delete(viewer);
            attention.leave(viewer);
          }
        }
        for (const id of ['a', 'b', 'c']) {
          const all = [...views.values()];
          const shown = all.some((view) => view.visible === null || view.visible.has(id));
          const expected = all.some((view) => view.focused.has(id)) ? 'high' : shown ? 'medium' : 'none';
          expect(attention.level(id)).toBe(expected);
        }
      }),
    );
  });
});
