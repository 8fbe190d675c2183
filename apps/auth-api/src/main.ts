#!/usr/bin/env node
import { ConfigError } from '@mooring/environment-config';
import { serve } from './serve.ts';

try {
  await serve();
} catch (error) {
  const reason =
    error instanceof Error
      ? error instanceof ConfigError
        ? error.message
        : `${error.name}: ${error.message}`
      : 'unknown';
  process.stderr.write(`auth-api did not start. ${reason}\n`);
  process.exit(1);
}
