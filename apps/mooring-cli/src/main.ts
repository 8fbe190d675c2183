import { run } from './run.ts';
import { onClosedPipe } from './terminal/closed-pipe.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
for (const stream of [process.stdout, process.stderr]) onClosedPipe(stream, () => stop.abort());

process.exitCode = await run(process.argv.slice(2), process.env, {
  streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
  signal: stop.signal,
});
