import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type as systemType } from 'node:os';
import { promisify } from 'node:util';

/** What figures depend on beside the code. */
export interface MachineStamp {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
}

export interface LoadAverages {
  /** Over the last minute before anything was measured: what other programs took. */
  readonly start: number;
  /** Over the last minute of it, the benchmark included. */
  readonly end: number;
}

export function machineStamp(): MachineStamp {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${release()}`,
    node: process.versions.node,
  };
}

/** Processes that ran or waited for a core, on average over the last minute. */
export function loadAverage(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}

/** The commit that is checked out, with a `+` when files differ from it. */
export async function commitOf(folder: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: folder })).stdout.trim();
  const commit = await git('rev-parse', '--short=10', 'HEAD');
  return (await git('status', '--porcelain', '--untracked-files=no')) === '' ? commit : `${commit}+`;
}
