import { run } from './run.ts';
import { onClosedPipe } from './terminal/closed-pipe.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
for (const stream of [process.stdout, process.stderr]) onClosedPipe(stream, () => stop.abort());

const KEPT_ALIVE_MS = 60_000;
// Neither a pause nor an idle connection need keep a process alive.
const alive = setInterval(() => undefined, KEPT_ALIVE_MS);
try {
  process.exitCode = await run(process.argv.slice(2), process.env, {
    streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
    signal: stop.signal,
  });
} finally {
  clearInterval(alive);
}
