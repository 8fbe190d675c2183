export { fuzz } from './fuzz.ts';
export type { FuzzOptions, FuzzReport } from './fuzz.ts';
export type { OpenTarget, Target } from './target.ts';
export { TARGETS } from './targets.ts';
