#!/usr/bin/env node
import { existsSync } from 'node:fs';

if (existsSync(new URL('../dist/cli.js', import.meta.url))) await import('../dist/cli.js');
else {
  process.stderr.write('mooring-store-dynamodb is not built yet. Run: npm run build\n');
  process.exitCode = 2;
}
