import { feederOf } from './batch.ts';
import type { Feeder } from './batch.ts';
import { TARGETS } from './targets.ts';

/** What a process of its own opens, so that whoever watches it can end it when it hangs. */
export async function openFeeder({ target, journal }: { target: string; journal: string }): Promise<Feeder> {
  const found = TARGETS.find(({ name }) => name === target);
  if (found === undefined) throw new Error(`there is no target ${target}`);
  return feederOf(found, journal);
}
