import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a service with `--import`: on SIGUSR2 it collects its garbage, so that what its heap holds is in use. V8 lets
 * garbage lie in a heap of this size for minutes, which looks like a leak in half an hour.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
process.on('SIGUSR2', () => collect());
