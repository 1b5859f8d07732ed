import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eyeReadings, eyeRegistrations, eyesOf } from '../../../../workers/pose/eyes.ts';

const OPEN = { eyeBlinkLeft: 0, eyeBlinkRight: 0 };
const eyes = (shapes: Record<string, number>) => eyesOf(new Map(Object.entries({ ...OPEN, ...shapes })));

describe('eyes from expressions', () => {
  it('rest at 15°, open to 22°, shut to 0°', () => {
    expect(eyes({})?.aperture).toEqual({ left: 15, right: 15 });
    expect(eyes({ eyeWideLeft: 1 })?.aperture).toEqual({ left: 22, right: 15 });
    expect(eyes({ eyeBlinkRight: 1, eyeWideRight: 0.3 })?.aperture).toEqual({ left: 15, right: 0 });
    expect(eyes({ eyeBlinkLeft: 0.2 })?.aperture.left).toBeCloseTo(12);
  });

  it('blink when both are shut; winking is none', () => {
    expect(eyes({ eyeBlinkLeft: 0.6, eyeBlinkRight: 0.5 })?.blink).toBe(true);
    expect(eyes({ eyeBlinkLeft: 1 })?.blink).toBe(false);
    expect(eyes({})?.blink).toBe(false);
  });

  it.each([
    ['straight ahead', {}, [0.5, 0.5]],
    ['to their right', { eyeLookOutRight: 0.8, eyeLookInLeft: 0.8 }, [0.9, 0.5]],
    ['to their left', { eyeLookOutLeft: 0.8, eyeLookInRight: 0.8 }, [0.1, 0.5]],
    ['up', { eyeLookUpLeft: 1, eyeLookUpRight: 1 }, [0.5, 0]],
    ['down', { eyeLookDownLeft: 0.4, eyeLookDownRight: 0.4 }, [0.5, 0.7]],
    ['at the nose: neither way', { eyeLookInLeft: 1, eyeLookInRight: 1 }, [0.5, 0.5]],
  ] as const)('look %s', (_, shapes, [x, y]) => {
    const gaze = eyes(shapes)?.gaze;
    expect(gaze?.x).toBeCloseTo(x);
    expect(gaze?.y).toBeCloseTo(y);
    expect(gaze?.confidence).toBe(1);
  });

  it('are the less sure where they look the further they are shut', () => {
    expect(eyes({ eyeBlinkLeft: 1, eyeBlinkRight: 0.5 })?.gaze.confidence).toBeCloseTo(0.25);
  });

  it('are not there without lids', () => {
    expect(eyesOf(new Map([['jawOpen', 1]]))).toBeUndefined();
  });

  it('stay within what they can be, whatever the model says', () => {
    const share = fc.oneof(fc.double(), fc.double({ min: 0, max: 1, noNaN: true }));
    const names = ['eyeBlinkLeft', 'eyeBlinkRight', 'eyeWideLeft', 'eyeLookInLeft', 'eyeLookOutRight', 'eyeLookUpLeft'];
    fc.assert(
      fc.property(fc.tuple(...names.map(() => share)), (shares) => {
        const found = eyes(Object.fromEntries(names.map((name, i) => [name, shares[i] ?? 0])));
        expect(found).toBeDefined();
        if (!found) return;
        const { aperture, gaze } = found;
        for (const degrees of [aperture.left, aperture.right]) expect(degrees >= 0 && degrees <= 22).toBe(true);
        for (const value of [gaze.x, gaze.y, gaze.confidence]) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });

  it('go out as the platform’s eye trackers send them, and as estimates', () => {
    const found = eyes({ eyeBlinkLeft: 1, eyeBlinkRight: 1 });
    expect(found && eyeReadings(found, 1234.5)).toEqual([
      {
        kind: 'numeric',
        attribute: 'eye_blink',
        values: Float32Array.of(1),
        timing: { kind: 'host', times: Float64Array.of(1234.5) },
      },
      {
        kind: 'numeric',
        attribute: 'eye_aperture',
        values: Float32Array.of(0, 0),
        fields: ['left', 'right'],
        timing: { kind: 'host', times: Float64Array.of(1234.5) },
      },
      {
        kind: 'numeric',
        attribute: 'eye_gaze',
        values: Float32Array.of(0.5, 0.5, 0),
        fields: ['x', 'y', 'confidence'],
        timing: { kind: 'host', times: Float64Array.of(1234.5) },
      },
    ]);
    expect(eyeRegistrations(30)).toEqual(
      ['eye_blink', 'eye_aperture', 'eye_gaze'].map((attribute) => ({
        attribute,
        attributeType: attribute,
        samplingRate: 30,
        estimated: true,
      })),
    );
  });
});
