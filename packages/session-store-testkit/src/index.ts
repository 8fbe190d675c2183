export { TOPICS, conformance, failedChecks } from './conformance.ts';
export type { FailedCheck, OptOut, TestRunner, Topic } from './conformance.ts';
export type { Check, Checks, ConformanceHarness, Trial } from './harness.ts';
export { ManualClock } from './manual-clock.ts';
export type { Mutant } from './mutants/mutant.ts';
export { MUTANTS } from './mutants/mutants.ts';
