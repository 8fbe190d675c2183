export { crashConformance, processConformance } from './client-processes/process-conformance.ts';
export type { ClientProcess, CrashHarness, ProcessHarness } from './client-processes/process-harness.ts';
export { conformance, failedChecks } from './conformance.ts';
export type { FailedCheck, OptOut, TestRunner } from './conformance.ts';
export type { Check, Checks, ConformanceHarness, Trial } from './harness.ts';
export type { Call, Specification } from './linearizability/call.ts';
export { checkHistory } from './linearizability/checker.ts';
export type { CheckLimits, Verdict } from './linearizability/checker.ts';
export { linearizability } from './linearizability/linearizability.ts';
export type { HistoryOptions } from './linearizability/linearizability.ts';
export type { HistoryHarness } from './linearizability/recording.ts';
export { ManualClock } from './manual-clock.ts';
export { replaced } from './mutants/mutant.ts';
export type { Mutant } from './mutants/mutant.ts';
export { MUTANTS } from './mutants/mutants.ts';
export { preparedOperations } from './operations/operations.ts';
export type { Operation, OperationOptions } from './operations/operations.ts';
export type {
  CountedClient,
  FaultLine,
  Given,
  HarnessPowers,
  LeftOut,
  Need,
  OpenOptions,
  PristineBackend,
  RawAccess,
  WireAccess,
} from './powers.ts';
export type { AdapterReport, ConformanceReport } from './report/conformance-report.ts';
export { documented, readTable } from './report/conformance-table.ts';
export type { ConformanceTable } from './report/conformance-table.ts';
export { countDue, countLive, createSessions } from './session-stock.ts';
export { TOPICS } from './topics/topics.ts';
export type { Topic } from './topics/topics.ts';
