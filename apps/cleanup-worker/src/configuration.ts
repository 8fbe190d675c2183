export { readConfig } from './config.ts';
export { readSweepSettings } from './sweep-variables.ts';
export type { SweepSettings } from './sweep-variables.ts';
