#!/usr/bin/env node
import { createUser } from './create-user.ts';

try {
  await createUser(process.argv.slice(2), { input: process.stdin, output: process.stdout });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The user was not created.'}\n`);
  process.exit(1);
}
