import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Call, Opening } from './client-protocol.ts';

export interface ClientOptions {
  /** The module that opens the store: a file URL, also of TypeScript sources. */
  readonly module: string | URL;
  /** The function that it exports for that. */
  readonly open: string;
  /** The argument of that function, as far as JSON carries it. */
  readonly options: unknown;
}

/** Another process with a store of its own. */
export interface ClientProcess<Store extends object> {
  readonly pid: number;
  /**
   * The store in that process: the methods of its ports, and its own, as calls over a pipe. A failure arrives as an
   * `Error` with the name, message, code, outcome, retryable and operation that it had there.
   */
  readonly store: Store;
  /** Ends it as it stands (SIGKILL). What it reported before counts as answered; all other calls fail. */
  kill(): Promise<void>;
  /** Lets it close its store and end. Fails when it ended in another way. */
  end(): Promise<void>;
}

// From `dist` as well: the program and the hooks are for specs and stay in the sources.
const SOURCES = new URL('../../src/client/', import.meta.url);
const PROGRAM = fileURLToPath(new URL('client-program.fixture.ts', SOURCES));
const HOOKS = new URL('typescript-hooks.fixture.mjs', SOURCES).href;

const SAID_CHARACTERS = 2000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Send = (path: readonly string[], args: readonly unknown[]) => Promise<unknown>;

/** Whatever is asked for is a method, and a method of a port when it is asked for something itself. */
function remoteStore(send: Send): object {
  const at = (path: readonly string[]): object =>
    new Proxy(() => undefined, {
      // A promise that resolves to the store asks whether it is one itself.
      get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : at([...path, name])),
      apply: (_, __, args: unknown[]) => send(path, args),
    });
  return at([]);
}

function failureOf({ name, message, ...details }: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error(String(message)), details, { name: String(name) });
}

/**
 * Starts a process and opens a store in it. The process ends with this one.
 * @throws what the opening failed with
 */
export async function startClientProcess<Store extends object>(options: ClientOptions): Promise<ClientProcess<Store>> {
  const opening: Opening = { ...options, module: String(options.module) };
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--conditions=@mooring/source', '--import', HOOKS, PROGRAM, JSON.stringify(opening)],
    { stdio: 'pipe' },
  );
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let rest = '';
  let said = '';
  const note = (text: string): void => {
    said = (said + text).slice(-SAID_CHARACTERS);
  };
  const hear = (chunk: string): void => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('{')) {
        note(`${line}\n`);
        continue;
      }
      const { id, value, failure } = JSON.parse(line) as Answer;
      const caller = waiting.get(id);
      waiting.delete(id);
      if (failure === undefined) caller?.resolve(value);
      else caller?.reject(failureOf(failure));
    }
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', note);
  // Not `exit`: what it wrote before may still be in the pipe then.
  const closed = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const opened = new Promise<unknown>((resolve, reject) => waiting.set(0, { resolve, reject }));
  let ended: string | undefined;
  void closed.then((how) => {
    ended = how;
    for (const { reject } of waiting.values())
      reject(new Error(`the client process ended (${how}) before it answered\n${said}`));
    waiting.clear();
  });
  const send: Send = (path, args) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(new Error(`the client process has ended (${ended})`));
      const id = (last += 1);
      waiting.set(id, { resolve, reject });
      child.stdin.write(`${JSON.stringify({ id, path, args } satisfies Call)}\n`);
    });
  try {
    await opened;
  } catch (error) {
    child.kill('SIGKILL');
    await closed;
    throw error;
  }
  return {
    pid: child.pid as number,
    store: remoteStore(send) as Store,
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async end() {
      child.stdin.end();
      const how = await closed;
      if (how !== 'exit code 0') throw new Error(`the client process ended with ${how}\n${said}`);
    },
  };
}
