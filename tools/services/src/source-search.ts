import { noSource, type Refusal } from './errors.ts';
import type { Machine } from './machine.ts';

/** Looks for a server in one place; a text says why there is none. */
export type FindSource<T extends object> = (machine: Machine) => Promise<T | string>;

/**
 * The first source that has the server.
 * @throws ServiceError `no_source`, with the reason for each and the remedy
 */
export async function findFirstSource<T extends object>(
  server: string,
  sources: readonly (readonly [name: string, find: FindSource<T>])[],
  machine: Machine,
  remedy: string,
): Promise<T> {
  const refusals: Refusal[] = [];
  for (const [source, find] of sources) {
    const found = await find(machine);
    if (typeof found !== 'string') return found;
    refusals.push({ source, reason: found });
  }
  throw noSource(server, refusals, remedy);
}
