/** What type an attribute has when nobody said so: by its id, else by the shape of its first value. */

/** The platform's own table of ids. */
const TYPE_BY_ID: Readonly<Record<string, readonly string[]>> = {
  battery: ['battery', 'battery_level'],
  geolocation: ['geolocation', 'location', 'gps'],
  button: ['button', 'buttons'],
  ecg: ['ecg', 'heart', 'heartbeat'],
  heartrate: ['heartrate', 'heart_rate', 'hr', 'bpm'],
  imu: ['imu', 'accelerometer', 'gyroscope', 'motion'],
  respiration: ['respiration', 'breathing', 'breath'],
  hrv: ['hrv', 'heart_rate_variability'],
  eye_gaze: ['eye_gaze', 'gaze'],
  temperature: ['temperature', 'temp'],
  humidity: ['humidity'],
  pressure: ['pressure', 'barometer'],
  rich_presence: ['rich_presence', 'media', 'now_playing'],
  skeleton: ['skeleton', 'pose_skeleton', 'pose', 'body_pose'],
};

const BY_ID: ReadonlyMap<string, string> = new Map(
  Object.entries(TYPE_BY_ID).flatMap(([type, ids]) => ids.map((id): [string, string] => [id, type])),
);

/** The platform's type name for an attribute; `numeric` when nothing tells. */
export function inferType(attribute: string, payload: unknown): string {
  return BY_ID.get(attribute) ?? typeByShape(payload);
}

function typeByShape(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return 'numeric';
  if ('level' in payload && 'charging' in payload) return 'battery';
  if ('latitude' in payload) return 'geolocation';
  if ('artist' in payload) return 'rich_presence';
  return 'landmarks' in payload ? 'skeleton' : 'numeric';
}
