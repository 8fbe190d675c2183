import { createInterface } from 'node:readline';
import type { Answer, Call, Opening } from './client-protocol.ts';

type Methods = Record<string, (...args: unknown[]) => unknown>;

const LONGEST_END_MS = 60_000;
const TOLD = ['code', 'outcome', 'retryable', 'operation', 'backend'] as const;

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const details = error as Error & Record<string, unknown>;
  const told = TOLD.map((name) => [name, details[name]]);
  return { name: error.name, message: error.message, ...Object.fromEntries(told) };
}

async function answer(id: number, work: () => unknown): Promise<boolean> {
  try {
    say({ id, value: await work() });
    return true;
  } catch (error) {
    say({ id, failure: describe(error) });
    return false;
  }
}

function run(store: Methods, { path, args }: Call): unknown {
  const [first = '', second] = path;
  if (second === undefined) return store[first]?.(...args);
  const port = store[first] as unknown as Methods | undefined;
  return port?.[second]?.(...args);
}

const { module, open, options } = JSON.parse(process.argv[2] ?? '{}') as Opening;
let store: Methods | undefined;
const isOpen = await answer(0, async () => {
  const exported = (await import(module)) as Methods;
  store = (await exported[open]?.(options)) as Methods;
});
if (isOpen && store !== undefined) {
  for await (const line of createInterface({ input: process.stdin })) {
    const call = JSON.parse(line) as Call;
    void answer(call.id, () => run(store as Methods, call));
  }
  // A store that left something open after it was closed keeps the process alive, and is told apart by the exit code.
  setTimeout(() => process.exit(2), LONGEST_END_MS).unref();
  await store['close']?.();
}
