import { StoreError } from '@mooring/session-store';
import type { FoundCopy, SessionCopies, SessionCopy, SessionRef } from '@mooring/session-store';
import type { CopyMemory } from '../copy-memory.fixture.ts';
import type { VirtualTime } from './virtual-time.fixture.ts';

export interface CopiesServer {
  memory: CopyMemory;
  isUp: boolean;
}

const TIMEOUT_MS = 25;

/**
 * Copies as one process reaches them over a connection: late, in any order, sometimes without hearing the answer. What
 * timed out may still be done later.
 */
export class SimulatedCopies implements SessionCopies {
  readonly name = 'redis';
  interruptions = 0;
  isSlow = false;
  isCut = false;
  private memory: CopyMemory;

  constructor(
    private server: CopiesServer,
    private readonly time: VirtualTime,
    private readonly random: () => number,
  ) {
    this.memory = server.memory;
  }

  /** The connection is lost; the next one goes to this server. */
  connectTo(server: CopiesServer): void {
    this.server = server;
    this.memory = server.memory;
    this.interruptions += 1;
  }

  incarnation(): Promise<string> {
    return this.send('incarnation', (memory) => memory.incarnation);
  }

  find(epoch: string, ref: SessionRef): Promise<FoundCopy> {
    return this.send('find', (memory) => memory.find(epoch, ref));
  }

  keep(copy: SessionCopy): Promise<boolean> {
    const json = JSON.stringify(copy.record);
    return this.send('keep', (memory) => memory.keep(copy, json));
  }

  forget(ref: SessionRef, successor?: SessionCopy): Promise<void> {
    const json = JSON.stringify(successor?.record);
    return this.send('forget', (memory) => memory.forget(ref, successor, json));
  }

  forgetSubject(tenantId: string, subjectId: string): Promise<void> {
    return this.send('forgetSubject', (memory) => memory.forgetSubject(tenantId, subjectId));
  }

  async close(): Promise<void> {}

  private send<T>(operation: string, call: (memory: CopyMemory) => T): Promise<T> {
    const { memory, server, interruptions, time, random } = this;
    const failure = (code: 'unavailable' | 'timeout'): StoreError =>
      new StoreError({ code, message: 'simulated', backend: 'redis', operation, outcome: 'unknown' });
    const lateBy = (): number => random() ** 4 * (this.isSlow ? 200 : 20);
    const onItsWay = async (): Promise<T> => {
      if (this.isCut || !server.isUp) throw failure('unavailable');
      await time.sleep(lateBy());
      // A server that lives on may still do what a connection brought that is lost by now.
      if (!server.isUp || server.memory !== memory) throw failure('unavailable');
      const answer = call(memory);
      await time.sleep(lateBy());
      if (this.interruptions !== interruptions || this.isCut || random() < 0.005) throw failure('unavailable');
      return answer;
    };
    return Promise.race([
      onItsWay(),
      time.sleep(TIMEOUT_MS).then(() => {
        throw failure('timeout');
      }),
    ]);
  }
}
