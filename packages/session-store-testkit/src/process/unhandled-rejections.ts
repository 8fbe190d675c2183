import { runInThisContext } from 'node:vm';

type Listener = NodeJS.UnhandledRejectionListener;

/** The process itself: some test runners give tests a copy, on which no such event is ever seen. */
export const realProcess = runInThisContext('process') as NodeJS.Process;

/** Who listened before, while somebody watches here. */
let others: readonly Listener[] | undefined;
const watching = new Set<UnhandledRejections>();

function note(reason: unknown): void {
  for (const watch of watching) watch.reasons.push(reason);
}

/**
 * Promises that were rejected without anybody handling it, while it watches. Other listeners, such as the test runner's,
 * hear nothing meanwhile: the check that is running fails instead.
 */
export class UnhandledRejections {
  readonly reasons: unknown[] = [];

  static watch(): UnhandledRejections {
    const watch = new UnhandledRejections();
    if (watching.size === 0) {
      others = realProcess.listeners('unhandledRejection');
      realProcess.removeAllListeners('unhandledRejection');
      realProcess.on('unhandledRejection', note);
    }
    watching.add(watch);
    return watch;
  }

  /** Rejections are told at the end of a turn of the event loop. */
  async stop(): Promise<void> {
    await turn();
    await turn();
    watching.delete(this);
    if (watching.size > 0) return;
    realProcess.off('unhandledRejection', note);
    for (const listener of others ?? []) realProcess.on('unhandledRejection', listener);
    others = undefined;
  }

  requireNone(): void {
    if (this.reasons.length === 0) return;
    throw new Error(`${this.reasons.length} rejected promises were handled by nobody`, { cause: this.reasons[0] });
  }
}

const soon = setImmediate;
const turn = (): Promise<void> => new Promise((resolve) => void soon(resolve));
