/** A weather station (181A): air, wind, light and what is in the air, each told when its time has come. */
import { mulberry32 } from '../../../lib/random.ts';
import { environmentalSensingProfile } from '../../profiles/environmental-sensing.ts';
import { assigned, type Uuid } from '../../profiles/profile.ts';
import { sfloatBits } from '../medical-float.ts';
import type { ModelOptions, ScriptedModel, ScriptedStream } from '../model.ts';
import { assemble, battery, deviceInformation, offer, type Value } from '../offer.ts';
import { writePacket, type PacketWriter } from '../packet-writer.ts';
import { clamp, createDrift, noise, wrap } from '../signals/drift.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Quantity {
  readonly number: number;
  /** ms between two values. */
  readonly period: number;
  readonly bytes: (t: number) => PacketWriter;
}

export function createEnvironment({ seed }: ModelOptions): ScriptedModel {
  const quantities = quantitiesOf(mulberry32(seed));
  const { service } = environmentalSensingProfile;
  /** What each holds: the last value told, or the first. */
  const held = new Map<Uuid, Bytes>(quantities.map(({ number, bytes }) => [assigned(number), bytes(0).bytes()]));
  const streams = quantities.map(({ number, period, bytes }): ScriptedStream => {
    const uuid = assigned(number);
    return {
      on: uuid,
      period: () => period,
      send({ at, arrival }, wire) {
        const packet = bytes(at).bytes();
        held.set(uuid, packet);
        wire.notify(uuid, packet.slice(), arrival);
      },
    };
  });
  const values = [...held.keys()].map((uuid): [Uuid, Value] => [
    uuid,
    () => held.get(uuid)?.slice() ?? new Uint8Array(0),
  ]);
  const station = {
    offer: [...held.keys()].map((uuid) => offer(service, uuid, 'read', 'notify')),
    values: new Map(values),
    streams,
  };
  return assemble([station, battery(seed), deviceInformation('Demo weather station')]);
}

/** Units and steps: Environmental Sensing Service 1.0 and GATT Specification Supplement. */
function quantitiesOf(random: () => number): readonly Quantity[] {
  const temperature = createDrift(random, 18, 4, 600);
  const humidity = createDrift(random, 55, 12, 500);
  const pressure = createDrift(random, 1013, 3, 900);
  const wind = createDrift(random, 4, 2.5, 40);
  const direction = createDrift(random, 240, 35, 120);
  const sun = createDrift(random, 420, 260, 300);
  const co2 = createDrift(random, 520, 90, 300);
  const dust = createDrift(random, 14, 6, 240);
  const gusty = (t: number): number => Math.max(0, wind(t) + noise(random, 0.8));
  const degrees = (t: number): number => wrap(direction(t) + noise(random, 8), 360);
  /** Magnus formula, °C. */
  const dewPoint = (t: number): number => {
    const x = Math.log(humidity(t) / 100) + (17.62 * temperature(t)) / (243.12 + temperature(t));
    return (243.12 * x) / (17.62 - x);
  };
  // Grains of 10 µg/m³ are the finest an SFLOAT of kg/m³ has.
  const density = (micrograms: number): number => sfloatBits(Math.round(micrograms / 10) * 1e-8, 8);
  return [
    { number: 0x2a6e, period: 2000, bytes: (t) => writePacket().int(2, Math.round(100 * temperature(t))) },
    { number: 0x2a6f, period: 2000, bytes: (t) => writePacket().u16(Math.round(100 * humidity(t))) },
    { number: 0x2a6d, period: 2000, bytes: (t) => writePacket().int(4, Math.round(1000 * pressure(t))) },
    { number: 0x2a6c, period: 60_000, bytes: () => writePacket().int(3, 40_800) },
    { number: 0x2a70, period: 1000, bytes: (t) => writePacket().u16(Math.round(100 * gusty(t))) },
    { number: 0x2a71, period: 1000, bytes: (t) => writePacket().u16(Math.floor(100 * degrees(t))) },
    { number: 0x2a74, period: 5000, bytes: () => writePacket().u8(Math.round(10 * (1.4 + noise(random, 0.3)))) },
    { number: 0x2a76, period: 10_000, bytes: (t) => writePacket().u8(Math.round(sun(t) / 120)) },
    { number: 0x2a77, period: 2000, bytes: (t) => writePacket().u16(Math.round(10 * sun(t))) },
    { number: 0x2a78, period: 60_000, bytes: (t) => writePacket().u16(Math.floor(t / 1800)) },
    { number: 0x2a7b, period: 5000, bytes: (t) => writePacket().int(1, Math.round(dewPoint(t))) },
    {
      number: 0x2afb,
      period: 2000,
      bytes: (t) => writePacket().int(3, Math.round(100 * clamp(110 * sun(t), 0, 160_000))),
    },
    { number: 0x2b8c, period: 5000, bytes: (t) => writePacket().u16(Math.round(co2(t))) },
    { number: 0x2bd6, period: 5000, bytes: (t) => writePacket().u16(density(dust(t))) },
    { number: 0x2aa3, period: 60_000, bytes: (t) => writePacket().u8(pressure(t + 600) > pressure(t) ? 2 : 1) },
  ];
}
