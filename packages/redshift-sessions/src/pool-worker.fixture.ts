import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WarehouseOptions } from './options.ts';
import type { Bench } from './warehouse-bench.fixture.ts';
import type { StatementRequest } from './warehouse.ts';

export interface WorkerAnswer {
  readonly id: number;
  readonly status?: string;
  readonly error?: string;
  readonly reused?: boolean;
  readonly rows?: string[][];
  readonly failed?: string;
  readonly accepted?: string;
}

/** Another process on the same pool, compiled code in a Node of its own. */
export interface PoolWorker {
  run(request: StatementRequest, keep?: boolean): Promise<WorkerAnswer>;
  kill(): Promise<void>;
}

export async function startPoolWorker(
  bench: Bench,
  options: Partial<WarehouseOptions>,
  endpoint = bench.local.url,
): Promise<PoolWorker> {
  const script = fileURLToPath(new URL('../test/pool-worker.mjs', import.meta.url));
  const settings = JSON.stringify({ storeUrl: bench.storeUrl, endpoint, options });
  const child = spawn(process.execPath, ['--no-warnings', script, settings], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (answer: WorkerAnswer) => void>();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let ready = (): void => undefined;
  const started = new Promise<void>((resolve, reject) => {
    ready = resolve;
    void exited.then(() => reject(new Error('The worker ended before it was ready; was the package built?')));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as WorkerAnswer & { ready?: boolean };
    if (answer.ready) ready();
    else waiting.get(answer.id)?.(answer);
  });
  await started;
  let last = 0;
  return {
    run(request, keep = false) {
      last += 1;
      const id = last;
      const answer = new Promise<WorkerAnswer>((resolve) => waiting.set(id, resolve));
      child.stdin.write(`${JSON.stringify({ id, request, keep })}\n`);
      return answer;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
