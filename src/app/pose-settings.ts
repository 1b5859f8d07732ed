/** What a person has set about pose capture, as it is kept: small, checked when read, defaults where it is not there. */
import { POSE_SIZES, type ModelKind, type PoseOptions } from '../model/pose.ts';
import { CAMERA_SIZES, type CameraSize, type PoseSettings } from './pose-api.ts';

/** Persons that can be looked for. */
const MOST_PERSONS = 4;

/** Keeps one text, e.g. in localStorage. Never throws. */
export interface SettingsEdge {
  /** Undefined: nothing is kept, or storage is refused. */
  read(): string | undefined;
  write(text: string): void;
}

/** @param addresses where models come from unless the person says otherwise */
export function defaultSettings(addresses: Readonly<Record<ModelKind, string>>): PoseSettings {
  return {
    model: 'lite',
    cameraId: undefined,
    size: 'medium',
    mirror: true,
    persons: 1,
    world: false,
    smoothing: false,
    confidence: 0.5,
    face: false,
    record: false,
    addresses,
  };
}

/** Settings with what is usable of `given` in place of `base`'s. */
export function mergeSettings(base: PoseSettings, given: Readonly<Record<string, unknown>>): PoseSettings {
  const flag = (name: 'mirror' | 'world' | 'smoothing' | 'face' | 'record'): boolean => {
    const value = given[name];
    return typeof value === 'boolean' ? value : base[name];
  };
  const { persons, confidence, cameraId } = given;
  return {
    model: POSE_SIZES.find((size) => size === given['model']) ?? base.model,
    size: Object.keys(CAMERA_SIZES).find((size): size is CameraSize => size === given['size']) ?? base.size,
    cameraId: 'cameraId' in given ? idOf(cameraId) : base.cameraId,
    persons: isWithin(persons, 1, MOST_PERSONS) && Number.isInteger(persons) ? persons : base.persons,
    confidence: isWithin(confidence, 0, 1) ? confidence : base.confidence,
    mirror: flag('mirror'),
    world: flag('world'),
    smoothing: flag('smoothing'),
    face: flag('face'),
    record: flag('record'),
    addresses: addressesOf(base.addresses, given['addresses']),
  };
}

/** What was kept; the defaults where nothing was, or nothing that can be read. */
export function readSettings(edge: SettingsEdge, defaults: PoseSettings): PoseSettings {
  try {
    const kept: unknown = JSON.parse(edge.read() ?? '{}');
    return typeof kept === 'object' && kept !== null ? mergeSettings(defaults, { ...kept }) : defaults;
  } catch {
    // Not written by us, or cut short: as good as nothing.
    return defaults;
  }
}

/** Addresses that are as they were given are not kept: a later version may know better ones. */
export function writeSettings(edge: SettingsEdge, settings: PoseSettings, defaults: PoseSettings): void {
  const kinds = Object.keys(settings.addresses) as ModelKind[];
  const own = kinds.filter((kind) => settings.addresses[kind] !== defaults.addresses[kind]);
  const addresses = Object.fromEntries(own.map((kind) => [kind, settings.addresses[kind]]));
  edge.write(JSON.stringify({ ...settings, addresses }));
}

/** What is asked of the worker. @param face the face model is here */
export function optionsOf(settings: PoseSettings, face: boolean): PoseOptions {
  const { persons, world, smoothing, confidence, mirror, record } = settings;
  return {
    ...{ persons, world, confidence, mirror, record },
    smoothing: smoothing && persons === 1,
    face: settings.face && face,
  };
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function addressesOf(base: PoseSettings['addresses'], given: unknown): PoseSettings['addresses'] {
  const texts: Readonly<Record<string, unknown>> = typeof given === 'object' && given !== null ? { ...given } : {};
  const one = (kind: ModelKind): string => {
    const text = texts[kind];
    return typeof text === 'string' && text.trim() !== '' ? text.trim() : base[kind];
  };
  return { lite: one('lite'), full: one('full'), heavy: one('heavy'), face: one('face') };
}
