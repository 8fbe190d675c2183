import { spawn } from 'node:child_process';

// Reads the id of the running server from its standard input, line by line (an empty line: none is running). The pipe
// closes when the owner ends, however it ends; then the server is stopped and its temporary folder removed, again when
// children of a killed server still write there.
const SCRIPT = `
alive() { kill -0 "$1" 2>/dev/null && ! grep -q ') Z' "/proc/$1/stat" 2>/dev/null; }
trap "" INT TERM HUP
target=
while read -r line; do target=$line; done
if [ -n "$target" ]; then
  if [ "$1" = container ]; then
    docker rm -f "$target" >/dev/null 2>&1
  else
    kill -s "$1" "$target" 2>/dev/null
    n=0
    while [ $n -lt 400 ] && alive "$target"; do
      n=$((n + 1))
      [ $n -eq 300 ] && kill -s KILL "$target" 2>/dev/null
      sleep 0.1
    done
  fi
fi
n=0
while [ -n "$2" ] && [ $n -lt 50 ]; do
  rm -rf "$2" 2>/dev/null && break
  n=$((n + 1))
  sleep 0.2
done
exit 0
`;

export interface Watchdog {
  /** Names the process (or container) to stop when this process ends without doing so itself. */
  watch(target: string): void;
  forget(): void;
  /** Ends the watchdog. What it still watches is stopped, what it was to remove is removed. */
  dismiss(): void;
}

/**
 * Starts a small shell that outlives this process, even when it is killed, and cleans up after it.
 * @param signal what stops the server, or `container` when it runs in Docker
 * @param temporaryFolder removed at the end, if given
 */
export function startWatchdog(signal: 'INT' | 'TERM' | 'container', temporaryFolder?: string): Watchdog {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'mooring-watchdog', signal, temporaryFolder ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    watch: (target) => void child.stdin.write(`${target}\n`),
    forget: () => void child.stdin.write('\n'),
    dismiss: () => void child.stdin.end(),
  };
}
