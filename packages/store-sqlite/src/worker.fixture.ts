import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SqliteStoreOptions } from './index.ts';
import type { Order, Outcome } from './worker-program.fixture.ts';

/** Another process with a store of its own on the same file. */
export interface Worker {
  /** Calls a method once with each list of arguments, all at once. */
  call(port: string, method: string, calls: readonly unknown[][]): Promise<readonly Outcome[]>;
  /** Creates sessions until it is killed, and tells the id of each that was acknowledged. */
  createForEver(owner: { tenantId: string; subjectId: string }, created: (id: string) => void): void;
  /** Takes the write lock and keeps it. */
  lock(): Promise<void>;
  /** Ends it as it stands (SIGKILL). */
  kill(): Promise<void>;
  /** Lets it close its store and end. */
  end(): Promise<void>;
}

const HOOKS = new URL('./typescript-hooks.fixture.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./worker-program.fixture.ts', import.meta.url));

interface Line {
  readonly created?: string;
  readonly outcomes?: readonly Outcome[];
}

const running = new Set<Pick<Worker, 'kill'>>();

/** Ends every worker that still runs, whatever became of the test that started it. */
export async function killWorkers(): Promise<void> {
  await Promise.all([...running].map((worker) => worker.kill()));
}

export async function startWorker(options: SqliteStoreOptions): Promise<Worker> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--conditions=@mooring/source', '--import', HOOKS, PROGRAM, JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let hear: (line: Line) => void = () => undefined;
  let onCreated: (id: string) => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    if (line.created === undefined) hear(line);
    else onCreated(line.created);
  });
  const next = (): Promise<Line> =>
    new Promise((resolve, reject) => {
      hear = resolve;
      void exited.then(() => reject(new Error('the worker ended early')));
    });
  const ask = (order: Order): Promise<Line> => {
    const answer = next();
    child.stdin.write(`${JSON.stringify(order)}\n`);
    return answer;
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const entry = { kill };
  running.add(entry);
  void exited.then(() => running.delete(entry));
  await next();
  return {
    kill,
    call: async (port, method, calls) => (await ask({ do: 'call', port, method, calls })).outcomes ?? [],
    createForEver(owner, created) {
      onCreated = created;
      child.stdin.write(`${JSON.stringify({ do: 'create-for-ever', ...owner })}\n`);
    },
    lock: async () => void (await ask({ do: 'lock' })),
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}
