import { StoreError } from '@mooring/session-store';
import type { FoundCopy, SessionCopies, SessionCopy, SessionRef } from '@mooring/session-store';
import type { SimulatedProcess } from '../kernel/simulated-process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { CopyMemory } from './copy-memory.ts';

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
    private readonly process: SimulatedProcess,
    private readonly simulation: Simulation,
  ) {
    this.memory = server.memory;
  }

  /** The connection is lost; the next one goes to this server. */
  connectTo(server: CopiesServer): void {
    this.server = server;
    this.memory = server.memory;
    this.interruptions += 1;
    this.simulation.note(this.process.name, 'connects to the copies anew');
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
    const { memory, server, interruptions, process, simulation } = this;
    const { luck, time } = simulation;
    const failure = (code: 'unavailable' | 'timeout'): StoreError =>
      new StoreError({ code, message: 'simulated', backend: 'redis', operation, outcome: 'unknown' });
    const lateBy = (): number => luck() ** 4 * (this.isSlow ? 200 : 20);
    simulation.note(process.name, `-> copies ${operation}`);
    const onItsWay = async (): Promise<T> => {
      if (this.isCut || !server.isUp) throw failure('unavailable');
      await time.sleep(lateBy());
      // A server that lives on may still do what a connection brought that is lost by now.
      if (!server.isUp || server.memory !== memory) throw failure('unavailable');
      simulation.note('copies', `${operation} of ${process.name}`);
      const answer = call(memory);
      await process.sleep(lateBy());
      if (this.interruptions !== interruptions || this.isCut || simulation.hits('lost-response', 0.005)) {
        throw failure('unavailable');
      }
      return answer;
    };
    return new Promise<T>((resolve, reject) => {
      const cancel = process.at(time.now + TIMEOUT_MS, () => reject(failure('timeout')));
      onItsWay()
        .finally(cancel)
        .then(
          (answer) => process.isAlive && resolve(answer),
          (error: Error) => process.isAlive && reject(error),
        );
    });
  }
}
