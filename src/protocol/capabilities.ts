/**
 * What a server can do beyond the platform's wire protocol: the response to a sensor's join. The stock server answers `{}`,
 * and what is not announced is not used.
 *
 *     {"binary": 1, "out_of_order": true, "dedup": true, "history": true, "receipt": true}
 */

export interface Capabilities {
  /** Takes `blocks`: binary pushes of our block form, version 1. */
  readonly binary: boolean;
  /** Old samples may come after new ones: they are put in their place and never become the last value. */
  readonly outOfOrder: boolean;
  /** A measurement is dropped when its `seq` was stored before for this sensor and attribute. */
  readonly dedup: boolean;
  /** Has `GET /api/sensors/:id/history` and `…/stored`. */
  readonly history: boolean;
  /** Answers `receipt` with what it holds. */
  readonly receipt: boolean;
}

/** The stock server. */
export const NO_CAPABILITIES: Capabilities = {
  binary: false,
  outOfOrder: false,
  dedup: false,
  history: false,
  receipt: false,
};

/** Our own gateway. */
export const GATEWAY_CAPABILITIES: Capabilities = {
  binary: true,
  outOfOrder: true,
  dedup: true,
  history: true,
  receipt: true,
};

/** Version of the block form that `binary` announces. */
const BLOCK_FORM = 1;

/** The response of a join that announces these; what is absent is not written. */
export function capabilitiesToWire(capabilities: Capabilities): Readonly<Record<string, true | number>> {
  return {
    ...(capabilities.binary && { binary: BLOCK_FORM }),
    ...(capabilities.outOfOrder && { out_of_order: true }),
    ...(capabilities.dedup && { dedup: true }),
    ...(capabilities.history && { history: true }),
    ...(capabilities.receipt && { receipt: true }),
  };
}

/** Reads the response of a sensor's join, whatever it is: unknown keys are ignored, absent or odd ones mean "cannot". */
export function parseCapabilities(raw: unknown): Capabilities {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return NO_CAPABILITIES;
  const response = raw as Readonly<Record<string, unknown>>;
  return {
    // Another version of the form is one this app does not write.
    binary: response['binary'] === BLOCK_FORM,
    outOfOrder: response['out_of_order'] === true,
    dedup: response['dedup'] === true,
    history: response['history'] === true,
    receipt: response['receipt'] === true,
  };
}
