/** What window and worker say to each other about a serial port. Plain data. */
import type { LinkState } from '../../model/link.ts';
import type { PortIdentity } from './port.ts';

/** What to read, and how. */
export interface SerialRequest {
  readonly identity: PortIdentity;
  /** Bits a second. */
  readonly baud: number;
  /** Known beforehand; absent: found out. */
  readonly format?: 'cyton';
}

/** To whoever reads. `close`: there will be no more orders. */
export type SerialOrder = 'start' | 'stop' | 'retry' | 'close';

/** From whoever reads, at every change. */
export type SerialReport = LinkState;
