export { conformance, failedChecks } from './conformance.ts';
export type { FailedCheck, OptOut, TestRunner } from './conformance.ts';
export type { Check, Checks, ConformanceHarness, Trial } from './harness.ts';
export { ManualClock } from './manual-clock.ts';
export type { Mutant } from './mutants/mutant.ts';
export { MUTANTS } from './mutants/mutants.ts';
export { TOPICS } from './topics/topics.ts';
export type { Topic } from './topics/topics.ts';
