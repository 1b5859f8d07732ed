/** Which of a list's items are on the screen. One observer for all; changes of one frame are told once. */
import type { Attachment } from 'svelte/attachments';

/** @param tell called with the ids on the screen after each change */
export function trackVisible(tell: (ids: readonly string[]) => void): (id: string) => Attachment<HTMLElement> {
  const shown = new Set<string>();
  const idOf = new WeakMap<Element, string>();
  let told = false;

  const tellSoon = (): void => {
    if (told) return;
    told = true;
    queueMicrotask(() => {
      told = false;
      tell([...shown]);
    });
  };

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const id = idOf.get(target);
      if (id === undefined) continue;
      if (isIntersecting) shown.add(id);
      else shown.delete(id);
    }
    tellSoon();
  });

  return (id) => (element) => {
    idOf.set(element, id);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      if (shown.delete(id)) tellSoon();
    };
  };
}
