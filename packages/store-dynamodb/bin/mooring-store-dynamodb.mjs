#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);

if (existsSync(program)) await import(program.href);
else {
  process.stderr.write('mooring-store-dynamodb is not built yet. Run: npm run build\n');
  process.exitCode = 2;
}
