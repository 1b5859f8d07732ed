import { describe, expect, it } from 'vitest';
import { createStore } from '../../../src/lib/store.ts';

describe('createStore', () => {
  it('tells of changes, and only of changes', () => {
    const store = createStore(1);
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.get()));
    store.set(2);
    store.set(2);
    store.set(NaN);
    store.set(NaN);
    expect(seen).toEqual([2, NaN]);
  });

  it('stops telling, also when a listener leaves or joins while being told', () => {
    const store = createStore('a');
    const seen: string[] = [];
    const leave = store.subscribe(() => {
      seen.push('first');
      leave();
      store.subscribe(() => seen.push('late'));
    });
    store.subscribe(() => seen.push('second'));
    store.set('b');
    expect(seen).toEqual(['first', 'second']);
    store.set('c');
    expect(seen).toEqual(['first', 'second', 'second', 'late']);
  });

  it('keeps subscriptions of the same listener apart, and leaving twice does no harm', () => {
    const store = createStore(0);
    let told = 0;
    const listener = (): void => void (told += 1);
    const leave = store.subscribe(listener);
    store.subscribe(listener);
    store.set(1);
    expect(told).toBe(2);
    leave();
    leave();
    store.set(2);
    expect(told).toBe(3);
  });

  it('tells nobody who was sent away a moment ago', () => {
    const store = createStore(0);
    const seen: string[] = [];
    const leavers: (() => void)[] = [];
    store.subscribe(() => leavers.forEach((leave) => leave()));
    leavers.push(store.subscribe(() => seen.push('gone')));
    store.set(1);
    expect(seen).toEqual([]);
  });
});
