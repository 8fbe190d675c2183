const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'] as const;

/**
 * Runs it with all real time and chance taken away: whoever reads the clock, starts a timer or asks for a random number
 * throws, and says which. Identifiers from `node:crypto` are left: nothing is ordered by them, and a trace renames them.
 */
export async function withoutRealTime<T>(run: () => Promise<T>): Promise<T> {
  const found: string[] = [];
  const forbidden = (name: string) => (): never => {
    found.push(name);
    throw new Error(`${name} in a simulated run: take the clock, the timer or the random numbers that were given`);
  };
  const { performance } = globalThis;
  const restore = [
    ...TIMERS.map((name) => replace(globalThis, name, forbidden(name))),
    replace(Date, 'now', forbidden('Date.now')),
    replace(Math, 'random', forbidden('Math.random')),
    replace(performance, 'now', forbidden('performance.now')),
  ];
  try {
    const answer = await run();
    // It may have been caught on its way here.
    if (found.length > 0) throw new Error(`the run touched ${found.join(', ')}`);
    return answer;
  } finally {
    for (const undo of restore) undo();
  }
}

function replace(object: object, name: string, member: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value: member, configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, own);
  };
}
