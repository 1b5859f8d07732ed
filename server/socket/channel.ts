/** What a channel is to the connection that carries it, and what the connection offers to the channel. */

/** A joined topic on one socket. */
export interface Channel {
  /** Called once, right after the join was answered. */
  start(): void;
  /** One push of a client on this topic. `bytes`: size of its frame. */
  receive(push: Push): void;
  /** The topic was left, joined anew or lost with its socket. Called once. */
  end(): void;
}

export interface Push {
  readonly event: string;
  /** JSON, or a Uint8Array when the push came as a binary frame. */
  readonly payload: unknown;
  readonly ref: unknown;
  readonly bytes: number;
}

/** One topic's side of a socket. */
export interface ChannelLink {
  readonly topic: string;
  reply(ref: unknown, status: 'ok' | 'error', response: unknown): void;
  replyBinary(ref: unknown, data: Uint8Array): void;
  push(event: string, payload: unknown): void;
  /** A push without a join_ref, as broadcasts have. */
  broadcast(event: string, payload: unknown): void;
  /** True while the client does not read fast enough: what can wait should. */
  congested(): boolean;
}

export type JoinOutcome =
  /** `response`: what the client is told, `{}` if absent. */
  | { readonly ok: true; readonly channel: Channel; readonly response?: object }
  | { readonly ok: false; readonly reason: string };

/** Finds the channel of a topic; undefined when no channel has such topics. */
export type Joiner = (topic: string, params: unknown, link: ChannelLink) => JoinOutcome | undefined;
