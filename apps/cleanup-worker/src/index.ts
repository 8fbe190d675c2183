export { CleanupWorkerModule } from './cleanup-worker-module.ts';
export { configSchema, readConfig } from './config.ts';
export { problems } from './problems.ts';
export { serve } from './serve.ts';
