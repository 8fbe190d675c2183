import { BACKEND_MUTANTS } from './backend-mutants.ts';
import { FAULT_MUTANTS } from './fault-mutants.ts';
import { LEASE_MUTANTS } from './lease-mutants.ts';
import type { Mutant } from './mutant.ts';
import { NAME_MUTANTS } from './name-mutants.ts';
import { OWNER_MUTANTS } from './owner-mutants.ts';
import { POOL_MUTANTS } from './pool-mutants.ts';
import { RECORD_MUTANTS } from './record-mutants.ts';
import { REPLACEMENT_MUTANTS } from './replacement-mutants.ts';
import { SESSION_MUTANTS } from './session-mutants.ts';
import { USAGE_MUTANTS } from './usage-mutants.ts';

/** Stores with one fault each: most are faults that published stores have had. */
export const MUTANTS: readonly Mutant[] = [
  ...SESSION_MUTANTS,
  ...REPLACEMENT_MUTANTS,
  ...OWNER_MUTANTS,
  ...LEASE_MUTANTS,
  ...POOL_MUTANTS,
  ...BACKEND_MUTANTS,
  ...USAGE_MUTANTS,
  ...RECORD_MUTANTS,
  ...NAME_MUTANTS,
  ...FAULT_MUTANTS,
];
