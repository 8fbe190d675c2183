import { run } from './run.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

process.exitCode = await run(process.argv.slice(2), process.env, {
  streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
  signal: stop.signal,
});
