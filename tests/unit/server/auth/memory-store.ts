/** Guests in a Map: the part of the store that credentials use, for tests of tokens alone. */
import type { Guest, Store } from '../../../../server/ports.ts';

export function guestsOnly(secret: Uint8Array): Store & { readonly guests: Map<string, Guest> } {
  const guests = new Map<string, Guest>();
  return {
    guests,
    secret,
    addGuest: (guest) => void guests.set(guest.guestId, guest),
    findGuest: (id) => guests.get(id),
    append: unused,
    read: unused,
    counts: unused,
    flush: unused,
    prune: unused,
    close: unused,
  };
}

function unused(): never {
  throw new Error('credentials have no business with measurements');
}
