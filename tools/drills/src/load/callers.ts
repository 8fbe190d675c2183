import { ENGINE } from './engine.ts';
import { LIMIT } from './limit.ts';
import { PASSWORDS } from './passwords.ts';
import { KEYED_STATEMENTS, STATEMENTS } from './statements.ts';
import { SWEEPS } from './sweeps.ts';
import { VISITS } from './visits.ts';
import type { Caller } from './world.ts';

/** Every kind of client there is, one file each. */
export const CALLERS: readonly Caller[] = [VISITS, PASSWORDS, STATEMENTS, KEYED_STATEMENTS, ENGINE, LIMIT, SWEEPS];
