import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CRANK, createRevolutionMeter, wheel } from '../../../../src/device/profiles/revolutions.ts';

/** One packet: revolutions so far, ticks of the last one. */
type Packet = readonly [revolutions: number, time: number];

function rates(packets: readonly Packet[], counter = CRANK): number[] {
  const meter = createRevolutionMeter(counter);
  return packets.map((packet) => meter(...packet));
}

const repeat = (packet: Packet, count: number): Packet[] => Array.from({ length: count }, () => packet);

describe('revolutions', () => {
  it('are measured over any pace, through every wrap of both counters', () => {
    const turns = fc.record({ turned: fc.integer({ min: 1, max: 9 }), ticks: fc.integer({ min: 2048, max: 60_000 }) });
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.nat(0xffff),
        fc.array(turns, { minLength: 1, maxLength: 40 }),
        (count, time, all) => {
          let revolutions = count;
          let ticks = time;
          const packets: Packet[] = [[count, time]];
          for (const step of all) {
            revolutions += step.turned;
            ticks += step.ticks;
            packets.push([revolutions & 0xffff, ticks & 0xffff]);
          }
          const wanted = all.map((step) => (step.turned / step.ticks) * 1024);
          expect(rates(packets)).toEqual([NaN, ...wanted]);
        },
      ),
    );
  });

  it('of a wheel go on where its 32 bits wrap, at 1/2048 s', () => {
    const packets: Packet[] = [
      [0xffff_fffe, 0xff00],
      [1, 0x0700],
    ];
    expect(rates(packets, wheel(2048))).toEqual([NaN, 3]);
  });

  it('stand after three quiet seconds of one packet each', () => {
    const last: Packet = [11, 2048];
    expect(rates([[10, 1024], ...repeat(last, 6)])).toEqual([NaN, 1, NaN, NaN, 0, 0, 0]);
  });

  it.each([1, 2, 4])('do not stand between two slow turns of a sensor that speaks %i times a second', (speaks) => {
    // 30 rpm: a turn every other second.
    const slow = Array.from({ length: 40 * speaks }, (_, i): Packet => {
      const turns = Math.floor(i / speaks / 2);
      return [turns, (turns * 2048) & 0xffff];
    });
    const all = rates(slow);
    expect(all).not.toContain(0);
    expect(all.filter((rate) => !Number.isNaN(rate))).toEqual(Array.from({ length: 19 }, () => 0.5));
  });

  it('learn how often a very fast sensor speaks, even if its first slow turn looked like a rest', () => {
    // 30 rpm, eight packets a second.
    const all = rates(
      Array.from({ length: 160 }, (_, i): Packet => {
        const turns = Math.floor(i / 16);
        return [turns, (turns * 2048) & 0xffff];
      }),
    );
    expect(all.lastIndexOf(0)).toBeLessThan(16);
    expect(all.filter((rate) => rate > 0)).toEqual(Array.from({ length: 8 }, () => 0.5));
  });

  it('stand from the start where nothing ever turns', () => {
    expect(rates(repeat([7, 99], 14)).slice(11)).toEqual([NaN, 0, 0]);
  });

  it('of such a sensor stand after three seconds too', () => {
    const moving: Packet[] = [
      [0, 0],
      [1, 256],
      [2, 512],
    ];
    const all = rates([...moving, ...repeat([2, 512], 13)]).slice(3);
    expect(all.slice(0, 11)).toEqual(Array.from({ length: 11 }, () => NaN));
    expect(all.slice(11)).toEqual([0, 0]);
  });

  it('say nothing with the first turn after a rest: its time may have wrapped', () => {
    const rested: Packet[] = [[1, 0], ...repeat([2, 1024], 70)];
    expect(rates([...rested, [3, 1100], [4, 2124]]).slice(70)).toEqual([0, NaN, 1]);
  });

  it('say nothing where the count was set anew, and go on from there', () => {
    const set: Packet[] = [
      [500, 0],
      [0, 1024],
      [1, 2048],
    ];
    expect(rates(set)).toEqual([NaN, NaN, 1]);
    expect(rates(set, wheel(1024))).toEqual([NaN, NaN, 1]);
  });

  it('say nothing where a turn took no time', () => {
    expect(
      rates([
        [5, 77],
        [6, 77],
      ]),
    ).toEqual([NaN, NaN]);
  });

  it('count the time from the last turn where a sensor dates packets without one', () => {
    // The time moves on with every packet, the count with every second.
    expect(
      rates([
        [1, 0],
        [2, 1024],
        [2, 2048],
        [3, 3072],
      ]),
    ).toEqual([NaN, 1, NaN, 0.5]);
  });
});
