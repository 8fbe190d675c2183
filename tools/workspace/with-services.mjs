import { print, runCommand } from './command.mjs';
import { startServices } from './services.mjs';

const USAGE = `Usage: node tools/workspace/with-services.mjs <command> [argument …]

Runs a command with a PostgreSQL and a Redis started for it and named in MOORING_TEST_POSTGRES_URL and
MOORING_TEST_REDIS_URL. Exits with the command's code, or 1 when a server can't be had.`;

const [command, ...args] = process.argv.slice(2);
if (command === undefined || command === '--help') {
  print(USAGE);
  process.exitCode = command === undefined ? 2 : 0;
} else {
  const services = await startServices();
  for (const line of services.lines) print(`services: ${line}`);
  for (const refusal of services.refusals) print(refusal);
  const result = services.refusals.length > 0 ? { code: 1 } : await runCommand(command, args, { env: services.env });
  await services.stop();
  process.exitCode = result.code;
}
