/**
 * `sensocto:connector:*` and `sensocto:lvntest:*`: `ping` and `shout`, nothing else. The real server's channel dies of
 * sensor events sent here; this one ignores them.
 */
import { EVENT } from '../../src/protocol/sensor.ts';
import type { Channel, ChannelLink, Push } from './channel.ts';
import type { Hub } from './hub.ts';

export class PlainChannel implements Channel {
  readonly #link: ChannelLink;
  readonly #hub: Hub;

  constructor(link: ChannelLink, hub: Hub) {
    this.#link = link;
    this.#hub = hub;
    hub.enter(link);
  }

  start(): void {
    // Nothing is pushed on these topics.
  }

  receive(push: Push): void {
    answerCommon(push, this.#link, this.#hub);
  }

  end(): void {
    this.#hub.leave(this.#link);
  }
}

/** `ping` and `shout`, which all `sensocto:*` topics share. True when the push was one of them. */
export function answerCommon({ event, payload, ref }: Push, link: ChannelLink, hub: Hub): boolean {
  if (event === EVENT.ping) {
    if (payload instanceof Uint8Array) link.replyBinary(ref, payload);
    else link.reply(ref, 'ok', payload);
    return true;
  }
  if (event !== EVENT.shout) return false;
  // The real channel dies of a shout that is not an object.
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload) && !(payload instanceof Uint8Array)) {
    hub.broadcast(link.topic, EVENT.shout, payload);
  }
  return true;
}
