export { run } from './run.ts';
export type { Surroundings } from './run.ts';
export type { Streams } from './terminal/streams.ts';
