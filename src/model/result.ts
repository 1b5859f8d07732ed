/**
 * A value or a typed error. Used wherever a failure is expected, and always across worker boundaries:
 * Comlink passes only name, message and stack of a thrown error, so class and code would be lost.
 */
import type { AppError } from './errors.ts';

export type Result<T, E = AppError> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Wraps a value as a success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wraps an error as a failure. */
export function fail<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
