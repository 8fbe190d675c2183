#!/usr/bin/env -S node --no-warnings
try {
  await import('../dist/main.js');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('mooring is not compiled, or not installed.\nRun `npm ci && npm run build`, then try again.\n');
  process.exitCode = 2;
}
