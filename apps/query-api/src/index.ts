export { configSchema, readConfig } from './config.ts';
export { problems } from './problems.ts';
export { QueryApiModule } from './query-api-module.ts';
export { serve } from './serve.ts';
