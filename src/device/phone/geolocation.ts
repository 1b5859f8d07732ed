/**
 * Where this phone is: Geolocation API (W3C). `geolocation` {latitude, longitude, accuracy, altitude?, speed?, heading?,
 * status}: degrees, metres, m/s, degrees clockwise from true north; dated with the time of the fix. What is not known is
 * not sent.
 */
import { appError, type AppError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import type { Source, SourceOutput } from '../source.ts';
import { coarsened } from './coarse.ts';
import type { PermissionLookup } from './motion-permission.ts';
import { allFinite, known, structured } from './phone-readings.ts';
import type { LocationDetail } from './phone-types.ts';

/** Up to so many metres the platform calls a place `high_accuracy`. */
const HIGH_ACCURACY = 50;

const OPTIONS: PositionOptions = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };

/** `GeolocationPositionError.PERMISSION_DENIED`. */
const DENIED = 1;

/** The part of `GeolocationPosition` that is used; SI units and degrees, null: not known. */
export interface PositionLike {
  /** Unix ms of the fix. */
  readonly timestamp: number;
  readonly coords: Readonly<
    Record<'latitude' | 'longitude' | 'accuracy', number> & Record<'altitude' | 'speed' | 'heading', number | null>
  >;
}

/** The part of `Geolocation` that is used. */
export interface GeolocationLike {
  watchPosition(
    success: (position: PositionLike) => void,
    failure: (error: { readonly code: number; readonly message: string }) => void,
    options: PositionOptions,
  ): number;
  clearWatch(id: number): void;
}

export interface GeolocationEdges {
  readonly geolocation: GeolocationLike | undefined;
  readonly permission: PermissionLookup;
  readonly secure: boolean;
  readonly now: () => number;
  /** How exactly places are given away; asked for each. */
  readonly detail: () => LocationDetail;
}

/** Asks the person when it starts. A place that cannot be found is trouble, not the end. */
export function geolocationSource(edges: GeolocationEdges): Source {
  const { geolocation } = edges;
  return {
    kind: 'geolocation',
    attributes: [{ attribute: 'geolocation', attributeType: 'geolocation', samplingRate: 0 }],
    async support() {
      if (!edges.secure) return fail(appError('source-insecure'));
      if (!geolocation) return fail(appError('source-unsupported', 'geolocation'));
      const state = await edges.permission('geolocation');
      return state === 'denied' ? fail(appError('source-permission', 'geolocation')) : ok(undefined);
    },
    start(output, signal) {
      if (!geolocation) return Promise.resolve(fail(appError('source-unsupported', 'geolocation')));
      return follow(geolocation, edges, output, signal);
    },
  };
}

/** Answers with the first word of the browser: a place, or why there is none. */
function follow(
  geolocation: GeolocationLike,
  edges: GeolocationEdges,
  output: SourceOutput,
  signal: AbortSignal,
): Promise<Result<void>> {
  return new Promise((resolve) => {
    let last: string | undefined;
    let inTrouble = false;
    const trouble = (error: AppError | undefined): void => {
      if (error === undefined && !inTrouble) return;
      inTrouble = error !== undefined;
      output.trouble(error);
    };
    const id = geolocation.watchPosition(
      (position) => {
        if (signal.aborted) return;
        const arrival = edges.now();
        const payload = payloadOf(position, edges.detail());
        resolve(ok(undefined));
        if (!payload) return trouble(appError('source-no-place', 'no coordinates'));
        trouble(undefined);
        const time = Number.isFinite(position.timestamp) ? Math.min(position.timestamp, arrival) : arrival;
        // Some browsers give the same fix again with every event.
        const words = `${time} ${JSON.stringify(payload)}`;
        if (words === last) return;
        last = words;
        output.readings([structured('geolocation', payload, time)], arrival);
      },
      ({ code, message }) => {
        const error = appError(code === DENIED ? 'source-permission' : 'source-no-place', message);
        if (!signal.aborted) trouble(error);
        resolve(code === DENIED ? fail(error) : ok(undefined));
      },
      OPTIONS,
    );
    signal.addEventListener(
      'abort',
      () => {
        geolocation.clearWatch(id);
        resolve(ok(undefined));
      },
      { once: true },
    );
  });
}

/** Undefined if the browser gave no coordinates. */
function payloadOf({ coords }: PositionLike, detail: LocationDetail): ReturnType<typeof known> | undefined {
  if (!allFinite([coords.latitude, coords.longitude, coords.accuracy])) return undefined;
  const { latitude, longitude, accuracy, altitude, speed, heading } = coords;
  const place = coarsened({ latitude, longitude, accuracy }, detail);
  // Height, speed and direction would give the way away that the square hides.
  const more = detail === 'exact' ? known({ altitude, speed, heading }) : {};
  const status = place.accuracy <= HIGH_ACCURACY ? 'high_accuracy' : 'low_accuracy';
  return { ...place, ...more, status };
}
