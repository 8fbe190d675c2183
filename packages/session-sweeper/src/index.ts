export { SweeperError } from './errors.ts';
export { HeldLease } from './held-lease.ts';
export type { LeaseRequest } from './held-lease.ts';
export { DEFAULTS, SWEEP_TARGETS } from './options.ts';
export type { SweepOptions } from './options.ts';
export type { SweepEnd, SweepFailure, SweepProgress, SweepReport, TargetReport } from './report.ts';
export { SessionSweeper } from './session-sweeper.ts';
export type { SweepRun, SweeperParts } from './session-sweeper.ts';
