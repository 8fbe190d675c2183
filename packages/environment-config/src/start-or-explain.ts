import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';

/** Looks at what variables lead to, such as a server or a folder. Rejecting says nothing of them. */
export type ConfigCheck = () => Promise<readonly ConfigFault[]>;

/**
 * Starts something. When that fails, all of it is looked at, so that everything that is in the way is said at once, and not
 * only what was met first: of each variable what the first check found, or that of each of its parts. A start that goes
 * well costs nothing more.
 *
 * @throws ConfigError with what was found; else what the start failed with
 */
export async function startOrExplain<T>(start: () => Promise<T>, checks: readonly ConfigCheck[]): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const found = await Promise.allSettled(checks.map((check) => check()));
    const faults: ConfigFault[] = [];
    for (const fault of found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))) {
      if (!faults.some((before) => covers(before, fault))) faults.push(fault);
    }
    throw faults.length === 0 ? error : new ConfigError(faults, { cause: error });
  }
}

function covers(one: ConfigFault, other: ConfigFault): boolean {
  return one.variable === other.variable && (one.part === undefined || one.part === other.part);
}
