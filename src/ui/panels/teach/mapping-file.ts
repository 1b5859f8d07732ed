/** Device files: mappings as people keep and share them. */
import { appError } from '../../../model/errors.ts';
import { readMapping, writeMapping, type Mapping } from '../../../model/mapping.ts';
import { fail, type Result } from '../../../model/result.ts';
import { saveFile } from '../../state/save-file.ts';

/** Bytes that are read at most: more than the largest mapping takes in any script. */
const MAX_BYTES = 1_000_000;
const MAX_NAME = 40;

/** Hands the mapping to the person as a file. */
export function saveMapping(mapping: Mapping): void {
  saveFile(fileName(mapping.name), 'application/json', writeMapping(mapping));
}

/** Letters and digits of any script stay; file systems differ in what else they take. */
export function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, MAX_NAME)
    .replace(/^-+|-+$/g, '');
  return `${plain === '' ? 'device' : plain}.sensocto-device.json`;
}

/** The mapping in a file. Error: `mapping-invalid`, also if the file cannot be read. */
export async function loadMapping(file: Blob): Promise<Result<Mapping>> {
  try {
    // A file cut off here is still longer than any mapping: refused as too large, without reading all of it.
    return readMapping(await file.slice(0, MAX_BYTES).text());
  } catch {
    return fail(appError('mapping-invalid', 'file not readable'));
  }
}
