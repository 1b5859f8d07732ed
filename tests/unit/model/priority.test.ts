import { describe, expect, it } from 'vitest';
import { EVICTION_ORDER, priorityOf } from '../../../src/model/priority.ts';

describe('priority', () => {
  it('gives up pose first, then motion, waveforms, heart beats, and markers last', () => {
    const order = ['skeleton', 'imu', 'ecg', 'rr_interval', 'button'].map(priorityOf);
    expect(order).toEqual(EVICTION_ORDER);
  });

  it('treats what it does not know as a waveform, and case as nothing', () => {
    expect(priorityOf('eeg')).toBe(priorityOf('ecg'));
    expect(priorityOf('HeartRate')).toBe(priorityOf('heartrate'));
  });
});
