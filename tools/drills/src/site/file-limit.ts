import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Site } from './site.ts';

/**
 * Sets how large files may be that the services of a site write, in bytes: beyond that a write fails with EFBIG, where a full
 * disk has ENOSPC. RLIMIT_FSIZE needs no rights and holds for root, too; a small file system of its own needs root.
 */
export async function limitFiles({ pods }: Site, bytes: string): Promise<void> {
  for (const { pid } of pods) await promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}
