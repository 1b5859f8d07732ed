/**
 * What is known about attribute types: category, unit, plausible range, how to draw them. The 43 types of the platform's own
 * list, its marine, river and inference types, and what further sensors of ours yield. Unknown types pass as generic.
 * Source of names, units and hint colours: the platform's attribute list and what its clients really send.
 */
export type AttributeCategory =
  'health' | 'motion' | 'location' | 'environment' | 'device' | 'activity' | 'eye' | 'marine' | 'specialty' | 'generic';

/** How samples look and how they are shown. */
export type AttributeShape =
  /** One number per sample, drawn as a line. */
  | 'number'
  /** One number per sample, so many that only the line says something. */
  | 'waveform'
  /** Several numbers per sample. */
  | 'fields'
  /** Something happened: shown as marks. */
  | 'event'
  /** Words, places, settings: the latest is shown as text. */
  | 'state'
  /** Body landmarks. */
  | 'skeleton';

export interface AttributeType {
  /** The platform's type name, sent as `attribute_type`. */
  readonly type: string;
  readonly category: AttributeCategory;
  readonly shape: AttributeShape;
  /** Unit as shown; empty if none. */
  readonly unit: string;
  /** Plausible range, for axes; values outside are still shown. */
  readonly range?: readonly [number, number];
  /** Digits after the point when shown as a number. */
  readonly digits: number;
  /** Names of the numbers of a sample. */
  readonly fields?: readonly string[];
  /** The platform's hint colour. */
  readonly hint?: string;
  /** Computed from other streams: always said with it. */
  readonly estimated?: true;
}

type Facts = Omit<AttributeType, 'type' | 'category'>;
const XYZ = ['x', 'y', 'z'] as const;

const number = (unit: string, digits: number, range?: readonly [number, number], hint?: string): Facts => ({
  shape: 'number',
  unit,
  digits,
  ...(range && { range }),
  ...(hint !== undefined && { hint }),
});
const wave = (unit: string, digits: number, range?: readonly [number, number], hint?: string): Facts => ({
  ...number(unit, digits, range, hint),
  shape: 'waveform',
});
const fields = (names: readonly string[], unit: string, digits: number, range?: readonly [number, number]): Facts => ({
  ...number(unit, digits, range),
  shape: 'fields',
  fields: names,
});
const state = (hint?: string): Facts => ({ shape: 'state', unit: '', digits: 0, ...(hint !== undefined && { hint }) });
const event = (hint?: string): Facts => ({ ...state(hint), shape: 'event' });
const estimate = (facts: Facts): Facts => ({ ...facts, estimated: true });

const TABLE: Readonly<Partial<Record<AttributeCategory, Readonly<Record<string, Facts>>>>> = {
  health: {
    heartrate: number('bpm', 0, [30, 220], '#ff4444'),
    hr: number('bpm', 0, [30, 220], '#ff4444'),
    rr_interval: number('ms', 0, [272, 2000], '#ff4444'),
    pp_error: number('ms', 0, [0, 200]),
    skin_temperature: number('°C', 1, [20, 42]),
    pp_interval: number('ms', 0, [272, 2000], '#ff4444'),
    energy_expended: number('kJ', 0),
    ecg: wave('mV', 2, [-0.5, 1.5], '#ffc107'),
    ppg: fields(['ch0', 'ch1', 'ch2', 'ambient'], '', 0),
    eeg: wave('µV', 0, [-1000, 1000]),
    emg: wave('µV', 0, [-500, 500]),
    hrv: estimate({ ...fields(['rmssd', 'sdnn', 'pnn50', 'quality'], 'ms', 0, [0, 200]), hint: '#ff4444' }),
    hrv_bands: estimate(fields(['lf', 'hf', 'quality'], 'ms²', 0, [0, 5000])),
    heartrate_estimate: estimate(number('bpm', 0, [30, 220], '#ff4444')),
    spo2: number('%', 0, [70, 100]),
    respiration: wave('%', 0, [50, 100], '#06b6d4'),
    respiration_rate: estimate(number('/min', 1, [5, 42], '#06b6d4')),
    respiratory_rate: number('/min', 1, [4, 40], '#06b6d4'),
    breath_pressure: wave('mbar', 2, [-10, 50]),
    body_temperature: number('°C', 1, [34, 42]),
    body_temperature_site: state(),
    blood_pressure_sys: number('mmHg', 0, [80, 200]),
    blood_pressure_dia: number('mmHg', 0, [40, 120]),
    blood_pressure_mean: number('mmHg', 0, [50, 150]),
    blood_pressure_status: state(),
    cuff_pressure: number('mmHg', 0, [0, 300]),
    pulse_rate: number('bpm', 0, [30, 220], '#ff4444'),
    pulse_amplitude: number('%', 1, [0, 20]),
    oximeter_status: state(),
    oximeter_state: state(),
    oximeter_confidence: number('%', 0, [0, 100]),
    glucose: number('mmol/L', 1, [2, 20]),
    glucose_trend: number('mmol/L/min', 2, [-0.3, 0.3]),
    glucose_details: state(),
    glucose_context: state(),
    cgm_status: state(),
    cgm_quality: number('%', 0, [0, 100]),
    weight: number('kg', 1, [2, 200]),
    bmi: number('kg/m²', 1, [10, 50]),
    body_fat: number('%', 1, [2, 60]),
    muscle_percentage: number('%', 1, [2, 80]),
    muscle_mass: number('kg', 1, [0, 120]),
    fat_free_mass: number('kg', 1, [0, 120]),
    soft_lean_mass: number('kg', 1, [0, 120]),
    body_water_mass: number('kg', 1, [0, 120]),
    basal_metabolism: number('kJ', 0, [3000, 12_000]),
    body_impedance: number('Ω', 0, [200, 1000]),
    signal_quality: estimate(number('', 2, [0, 1])),
  },
  motion: {
    imu: fields(
      ['accelerometer.x', 'accelerometer.y', 'accelerometer.z', 'gyroscope.x', 'gyroscope.y', 'gyroscope.z'],
      '',
      2,
    ),
    accelerometer: fields(XYZ, 'm/s²', 1, [-20, 20]),
    gyroscope: fields(XYZ, 'rad/s', 2, [-10, 10]),
    magnetometer: fields(XYZ, 'µT', 1, [-100, 100]),
    magnetometer_2d: fields(['x', 'y'], 'µT', 1, [-100, 100]),
    gravity: fields(XYZ, 'm/s²', 1, [-10, 10]),
    quaternion: fields(['w', 'x', 'y', 'z'], '', 2, [-1, 1]),
    euler: fields(['roll', 'pitch', 'yaw'], '°', 0, [-180, 180]),
    heading: number('°', 0, [0, 360]),
    tap: event(),
    orientation: state(),
    skeleton: { shape: 'skeleton', unit: '', digits: 0, hint: '#8b5cf6' },
    pose_skeleton: { shape: 'skeleton', unit: '', digits: 0, hint: '#8b5cf6' },
    accelerometer_raw: fields(XYZ, '', 2),
    gyroscope_raw: fields(XYZ, '', 2),
    rotation_matrix: fields(['m11', 'm12', 'm13', 'm21', 'm22', 'm23', 'm31', 'm32', 'm33'], '', 3, [-1, 1]),
    gesture: event(),
    flex: number('%', 1, [0, 100]),
  },
  location: {
    geolocation: fields(['latitude', 'longitude', 'accuracy'], '°', 5),
    altitude: number('m', 0),
    speed: number('m/s', 1, [0, 15]),
    navigation: state(),
    position_quality: state(),
  },
  environment: {
    temperature: number('°C', 1, [-10, 45], '#f59e0b'),
    humidity: number('%', 0, [0, 100], '#3b82f6'),
    pressure: number('hPa', 1, [950, 1050], '#8b5cf6'),
    light: number('lux', 0),
    proximity: number('cm', 0),
    gas: fields(['eco2', 'tvoc'], '', 0),
    air_quality: { ...fields(['eco2', 'tvoc'], '', 0), hint: '#10b981' },
    color: fields(['r', 'g', 'b'], '', 0, [0, 255]),
    wind_speed: number('m/s', 1, [0, 30]),
    wind_direction: number('°', 0, [0, 360]),
    solar_irradiance: number('W/m²', 0, [0, 1200]),
    co2: number('ppm', 0, [350, 5000]),
    gust_factor: number('', 1, [0, 5]),
    pollen: number('/m³', 0),
    uv_index: number('', 0, [0, 12]),
    rainfall: number('mm', 0),
    voc: number('ppb', 0),
    gas_density: number('µg/m³', 0),
    particulate_matter: number('µg/m³', 0, [0, 500]),
    pressure_trend: state(),
    sound_level: number('dB', 0),
    eco2: number('ppm', 0, [400, 5000]),
    iaq: number('', 0, [0, 500]),
    gas_resistance: number('Ω', 0),
    light_raw: number('', 0),
    proximity_raw: number('', 0),
    network: state(),
  },
  device: {
    battery: number('%', 0, [0, 100]),
    button: event(),
    buttons: event(),
    marker: event(),
    led: state(),
    speaker: state(),
    microphone: fields(['level', 'peak'], 'dBFS', 0, [-90, 0]),
    device_temperature: number('°C', 1, [-20, 60]),
    battery_voltage: number('V', 2, [3, 4.3]),
    digital: state(),
    inputs: state(),
    analog: number('', 0, [0, 65_535]),
    body_location: state(),
    rich_presence: state(),
    classification: state(),
  },
  activity: {
    steps: number('steps', 0, undefined, '#22c55e'),
    walking_time: number('s', 0),
    calories: number('kcal', 0),
    distance: number('m', 0),
    cadence: number('/min', 0, [0, 200]),
    power: number('W', 0, [0, 500]),
    resistance: number('', 0),
    stride_length: number('m', 2, [0, 2.5]),
    gait: number('', 0, [0, 1]),
    pedal_balance: number('%', 1, [0, 100]),
    torque: number('N·m', 1),
    angle: number('°', 0, [0, 360]),
    force: number('N', 0),
    pedal_force: fields(['max', 'min'], 'N', 0, [-500, 1500]),
    pedal_torque: fields(['max', 'min'], 'N·m', 1, [-50, 150]),
    pedal_angles: fields(['max', 'min'], '°', 0, [0, 360]),
    pedal_vector: state(),
    inclination: number('%', 1, [-10, 20]),
    elevation_gain: number('m', 1),
    pace: number('s/500 m', 0, [60, 600]),
    calories_per_hour: number('kcal/h', 0, [0, 1500]),
    calories_per_minute: number('kcal/min', 0, [0, 25]),
    met: number('', 1, [0, 20]),
    duration: number('s', 0),
    floors: number('', 0),
    strides: number('', 0),
    strokes: number('', 0),
    backward: number('', 0, [0, 1]),
    training_status: state(),
    machine_status: state(),
  },
  specialty: {
    buttplug: state(),
    vibrate: number('', 2, [0, 1]),
    rotate: number('', 2, [0, 1]),
    linear: number('', 2, [0, 1]),
    oscillate: number('', 2, [0, 1]),
    status: state(),
    inference_confidence: number('', 2, [0, 1]),
  },
  eye: {
    eye_gaze: { ...fields(['x', 'y'], '', 2, [0, 1]), hint: '#8b5cf6' },
    eye_blink: { ...event('#06b6d4') },
    eye_worn: { ...state('#10b981') },
    eye_aperture: { ...fields(['left', 'right'], '°', 0, [0, 25]), hint: '#f59e0b' },
  },
  marine: {
    water_temperature: number('°C', 1, [20, 32]),
    sea_surface_temperature: number('°C', 1, [20, 32]),
    sst: number('°C', 1, [20, 32]),
    salinity: number('ppt', 1, [30, 40]),
    ph: number('', 2, [7, 9]),
    dissolved_oxygen: number('mg/L', 1, [0, 12]),
    turbidity: number('NTU', 1, [0, 20]),
    depth: number('m', 1, [0, 40]),
    light_par: number('µmol/m²/s', 0, [0, 2000]),
    nitrate: number('µmol/L', 2, [0, 2]),
    phosphate: number('µmol/L', 2, [0, 1]),
    ammonia: number('µmol/L', 2, [0, 1]),
    alkalinity: number('µmol/kg', 0, [2000, 2600]),
    current_speed: number('m/s', 2, [0, 2]),
    current_direction: number('°', 0, [0, 360]),
    wave_height: number('m', 1, [0, 5]),
    fish_count: number('', 0, [0, 50]),
    species_diversity: number('', 1, [0, 5]),
    coral_coverage: number('%', 0, [0, 100]),
    algae_coverage: number('%', 0, [0, 100]),
    bleaching_index: number('%', 0, [0, 100]),
    flow: number('m³/s', 1),
    height: number('m', 2),
    oxygen: number('mg/L', 1, [0, 15]),
    acidity: number('pH', 2, [5, 10]),
    conductivity: number('µS/cm', 0),
  },
};

const BY_TYPE: ReadonlyMap<string, AttributeType> = new Map(
  Object.entries(TABLE).flatMap(([category, types]) =>
    Object.entries(types).map(([type, facts]) => [type, { type, category: category as AttributeCategory, ...facts }]),
  ),
);

/** Every type that is known by name. */
export function knownTypes(): readonly AttributeType[] {
  return [...BY_TYPE.values()];
}

/**
 * The type's facts; unknown types are generic numbers, without unit or range. Matching is case-insensitive, as on the
 * server; a number at the end (the second of a kind, `temperature_2`) does not change what it is.
 */
export function attributeType(type: string): AttributeType {
  const name = type.toLowerCase();
  const found = BY_TYPE.get(name) ?? BY_TYPE.get(name.replace(/_\d+$/, ''));
  return found ?? { type, category: 'generic', shape: 'number', unit: '', digits: 2 };
}
