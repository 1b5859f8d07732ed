/** A delivery with its channel and clock in a test's hands. */
import type { BackpressureConfig } from '../../../src/model/backpressure.ts';
import { singleValue } from '../../../src/model/block.ts';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import { parseBlocks } from '../../../src/protocol/ingest.ts';
import type { WireMeasurement } from '../../../src/protocol/sensor.ts';
import { encodeUplink } from '../../../src/protocol/uplink.ts';
import type { ServerAbilities } from '../../../src/stream/budget.ts';
import { createDelivery } from '../../../src/stream/delivery.ts';
import type { ChannelReply, OutboxPort } from '../../../src/stream/ports.ts';
import { createManualClock, turns } from '../../support/manual-clock.ts';

export const SENSOR = 's1';

interface Sent {
  readonly event: string;
  readonly values: readonly unknown[];
  readonly seqs: readonly (number | undefined)[];
  reply(reply?: ChannelReply): void;
}

const OK: ChannelReply = { status: 'ok', reason: undefined };

export function setUp(log: Partial<OutboxPort> = {}, memory = createMemoryOutbox(0)) {
  const clock = createManualClock();
  const sent: Sent[] = [];
  const failures: unknown[] = [];
  let binary = false;
  const channel = {
    joined: false,
    deaf: false,
    restarts: [] as string[],
    push(event: string, payload: unknown, onReply?: (reply: ChannelReply) => void): boolean {
      if (channel.deaf) return false;
      const batch = event === 'ping' ? [] : samplesOf(payload);
      sent.push({
        event,
        values: batch.map((one) => one.payload),
        seqs: batch.map((one) => one.seq),
        reply: (reply = OK) => onReply?.(reply),
      });
      return true;
    },
    restart(reason: string) {
      channel.restarts.push(reason);
      channel.joined = false;
      delivery.left();
    },
  };
  const delivery = createDelivery({
    sensorId: SENSOR,
    outbox: { ...memory, ...log },
    channel,
    clock,
    encode: (entries) => encodeUplink(entries, binary),
    pingEvent: 'ping',
    onLogFailure: (thrown) => failures.push(thrown),
  });
  let next = 0;
  return {
    clock,
    sent,
    failures,
    channel,
    delivery,
    memory,
    async join(config?: BackpressureConfig, abilities?: ServerAbilities) {
      channel.joined = true;
      binary = abilities?.binary === true;
      delivery.joined(abilities);
      if (config) delivery.configured(config);
      await turns();
    },
    async add(count = 1, urgent = false) {
      for (let i = 0; i < count; i++) delivery.add(singleValue('heartrate', clock.now(), (next += 1)), urgent);
      await turns();
    },
    /** Batches sent so far, as their values. */
    batches: () => sent.filter((one) => one.event === 'measurements_batch').map((one) => one.values),
    /** The same of those in our block form. */
    blocks: () => sent.filter((one) => one.event === 'blocks').map((one) => one.values),
    pings: () => sent.filter((one) => one.event === 'ping'),
    async leave() {
      channel.joined = false;
      delivery.left();
      await turns();
    },
  };
}

function samplesOf(payload: unknown): readonly Partial<WireMeasurement>[] {
  if (!(payload instanceof ArrayBuffer)) return payload as readonly WireMeasurement[];
  return parseBlocks(new Uint8Array(payload)).samples as readonly WireMeasurement[];
}
