/** What a process has used, as the kernel counts it. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc; 100 on every Linux of this century. */
const TICKS = 100;

/** CPU seconds (user and system) that a process has used; undefined where there is no /proc. */
export function cpuOf(pid) {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The name (field 2) may hold spaces and parentheses: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resident memory of a process in MB; undefined where there is no /proc. */
export function memoryOf(pid) {
  const found = /VmRSS:\s+(\d+) kB/.exec(readProc(pid, 'status') ?? '');
  return found ? Number(found[1]) / 1024 : undefined;
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}
