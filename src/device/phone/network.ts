/**
 * The network of this phone: `network` {online, type?, effectiveType?, rtt?, downlink?, saveData?}, rtt in ms and downlink
 * in Mbit/s as the browser rounds them (Network Information API, WICG; Chromium). Everywhere else only whether there is one.
 */
import { ok } from '../../model/result.ts';
import type { Source } from '../source.ts';
import { known, structured } from './phone-readings.ts';

/** The part of `NetworkInformation` that is used. */
export type ConnectionLike = Pick<EventTarget, 'addEventListener'> & {
  readonly type?: string;
  readonly effectiveType?: string;
  readonly rtt?: number;
  readonly downlink?: number;
  readonly saveData?: boolean;
};

export interface NetworkEdges {
  readonly connection: ConnectionLike | undefined;
  readonly isOnline: () => boolean;
  /** Where `online` and `offline` arrive. */
  readonly events: Pick<EventTarget, 'addEventListener'>;
  readonly now: () => number;
}

/** Reports at the start and at each change. Works everywhere. */
export function networkSource({ connection, isOnline, events, now }: NetworkEdges): Source {
  return {
    kind: 'network',
    attributes: [{ attribute: 'network', attributeType: 'network', samplingRate: 0 }],
    support: () => Promise.resolve(ok(undefined)),
    start(output, signal) {
      let last: string | undefined;
      const report = (): void => {
        const { type, effectiveType, rtt, downlink, saveData } = connection ?? {};
        const payload = known({ online: isOnline(), type, effectiveType, rtt, downlink, saveData });
        const words = JSON.stringify(payload);
        // Two events may tell of one change.
        if (words === last) return;
        last = words;
        const arrival = now();
        output.readings([structured('network', payload, arrival)], arrival);
      };
      connection?.addEventListener('change', report, { signal });
      events.addEventListener('online', report, { signal });
      events.addEventListener('offline', report, { signal });
      report();
      return Promise.resolve(ok(undefined));
    },
  };
}
