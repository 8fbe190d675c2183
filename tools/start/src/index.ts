export { describeOptions, readConfig, type StartConfig } from './config.ts';
export { StartError, type StartErrorCode } from './errors.ts';
