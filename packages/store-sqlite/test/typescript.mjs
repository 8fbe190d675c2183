import { register } from 'node:module';

// `node --import <this file> program.ts`: sources run as they are, in the processes that the specs start.
register('./typescript-hooks.mjs', import.meta.url);
