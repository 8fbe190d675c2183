// Loaded into each service before its own code: its standard input is a pipe that closes when the owner ends, even when
// the owner is killed. Then the service is asked to end as an operator would ask it.
process.stdin.on('error', () => undefined);
process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
(process.stdin as unknown as { unref?: () => void }).unref?.();
