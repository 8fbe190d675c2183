import type { Access } from './database.ts';
import { query } from './file/connection.ts';

const NEXT = query<{ value: number }>(`insert into counters (name, value) values (?, 1)
  on conflict (name) do update set value = value + 1 returning value`);

/** A number that was never given before, over all namespaces of the file, also after what it was given to is gone. */
export function next(access: Access, counter: 'fencing_token' | 'use'): number {
  return access.one(NEXT, counter)?.value ?? 0;
}
