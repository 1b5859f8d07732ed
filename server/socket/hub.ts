/** Who is on which topic, over all sockets: for `shout`, which reaches everybody on a topic including the sender. */
import type { ChannelLink } from './channel.ts';

export class Hub {
  readonly #members = new Map<string, Set<ChannelLink>>();

  enter(link: ChannelLink): void {
    const members = this.#members.get(link.topic);
    if (members) members.add(link);
    else this.#members.set(link.topic, new Set([link]));
  }

  leave(link: ChannelLink): void {
    const members = this.#members.get(link.topic);
    if (members?.delete(link) && members.size === 0) this.#members.delete(link.topic);
  }

  broadcast(topic: string, event: string, payload: unknown): void {
    // A copy, since a slow member is cut off (and leaves) while it is sent to.
    for (const link of [...(this.#members.get(topic) ?? [])]) link.broadcast(event, payload);
  }
}
