export { AuthApiModule } from './auth-api-module.ts';
export { configSchema, readConfig } from './config.ts';
export { problems } from './problems.ts';
export { serve } from './serve.ts';
