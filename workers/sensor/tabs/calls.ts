/** Calls to whoever leads: asked again with the next leader until somebody has answered. */
import type { Answer, Call, LeaderCalls, LeaderMethod } from './messages.ts';

/** What a method answers, later. */
type AnswerOf<Method extends LeaderMethod> = Awaited<ReturnType<LeaderCalls[Method]>>;

/** A call that no leader has answered yet. */
interface Pending {
  readonly call: Call;
  /** False: it is not for the next leader, and answered with undefined if this one goes. */
  readonly repeat: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Calls {
  /** Hands a call to the leader of this moment, if there is one. */
  readonly #give: (id: number, call: Call) => void;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(give: (id: number, call: Call) => void) {
    this.#give = give;
  }

  /** Asks until somebody has answered. Rejects if the call itself throws, which only a defect does. */
  ask<Method extends LeaderMethod>(
    method: Method,
    ...args: Parameters<LeaderCalls[Method]>
  ): Promise<AnswerOf<Method>> {
    // The pairing of method, arguments and answer is in the types of both ends; the wire between them has none.
    return this.#send({ method, args } as Call, true) as Promise<AnswerOf<Method>>;
  }

  /** Asks this leader only; undefined if it goes before it answers. */
  askOnce<Method extends LeaderMethod>(
    method: Method,
    ...args: Parameters<LeaderCalls[Method]>
  ): Promise<AnswerOf<Method> | undefined> {
    return this.#send({ method, args } as Call, false) as Promise<AnswerOf<Method> | undefined>;
  }

  /** There is a new leader. */
  follow(): void {
    for (const [id, { call, repeat, resolve }] of [...this.#pending]) {
      if (repeat) {
        this.#give(id, call);
      } else {
        this.#pending.delete(id);
        resolve(undefined);
      }
    }
  }

  answered(id: number, answer: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (answer.ok) pending?.resolve(answer.value);
    else pending?.reject(new Error(answer.detail));
  }

  #send(call: Call, repeat: boolean): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { call, repeat, resolve, reject });
      this.#give(id, call);
    });
  }
}
