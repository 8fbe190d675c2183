export { TOPICS, conformance } from './conformance.ts';
export type { OptOut, TestRunner, Topic } from './conformance.ts';
export type { Check, Checks, ConformanceHarness, Trial } from './harness.ts';
export { ManualClock } from './manual-clock.ts';
