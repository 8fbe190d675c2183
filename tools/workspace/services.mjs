import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, installed, runCommand } from './command.mjs';

const KINDS = [
  { name: 'PostgreSQL', variable: 'MOORING_TEST_POSTGRES_URL', start: 'startPostgres' },
  { name: 'Redis', variable: 'MOORING_TEST_REDIS_URL', start: 'startRedis' },
];

/**
 * Compiles tools/services and starts the servers that specs need, except those that the environment names already.
 * @returns {Promise<{ env: Record<string, string>, lines: string[], refusals: string[], stop(): Promise<void> }>}
 */
export async function startServices(environment = process.env) {
  const { code, output } = await runCommand(installed('tsc'), ['-b', 'tools/services'], { capture: true });
  if (code !== 0) throw new Error(`tools/services does not compile:\n${output.trim()}`);
  const services = await import(pathToFileURL(join(ROOT, 'tools', 'services', 'dist', 'index.js')).href);
  const started = [];
  const env = {};
  const lines = [];
  const refusals = [];
  for (const { name, variable, start } of KINDS) {
    if (environment[variable]) {
      lines.push(`${name} as ${variable} says`);
      continue;
    }
    try {
      const server = await services[start]();
      started.push(server);
      env[variable] = server.url;
      lines.push(`${name} on port ${server.port} (${server.origin})`);
    } catch (error) {
      refusals.push(error.message);
    }
  }
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
  return { env, lines, refusals, stop };
}
