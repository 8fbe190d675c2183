import type { SimulatedProcess } from './simulated-process.ts';
import type { Simulation } from './simulation.ts';

export interface LineOptions {
  /** Milliseconds that a message usually takes, at most. */
  readonly latencyMs: number;
  /** How much later a message comes that is late, at most. */
  readonly lateMs: number;
  /** How long a caller waits for an answer. */
  readonly timeoutMs: number;
  /** `unsent`: it certainly did not arrive. `lost`: nobody knows. */
  readonly failure: (operation: string, how: 'unsent' | 'lost') => Error;
}

/**
 * What is between a process and a server. Messages are late, in any order, doubled, or lost on their way there or back; a
 * request that its sender gave up, or that outlived its sender, may still arrive.
 */
export class Line {
  /** Until then nothing gets through. */
  cutUntil = 0;

  constructor(
    private readonly simulation: Simulation,
    private readonly process: SimulatedProcess,
    private readonly server: string,
    private readonly options: LineOptions,
  ) {}

  call<T>(operation: string, serve: () => Promise<T>, timeoutMs = this.options.timeoutMs): Promise<T> {
    const { simulation, process, server, options } = this;
    const { time } = simulation;
    return new Promise<T>((resolve, reject) => {
      if (!process.isAlive) return;
      let isOver = false;
      const answer = (how: string, give: () => void): void => {
        if (isOver) return;
        isOver = true;
        stopWaiting();
        simulation.note(process.name, `<- ${operation}: ${how}`);
        give();
      };
      const fail = (how: 'unsent' | 'lost'): void =>
        answer(how === 'unsent' ? 'could not be sent' : 'no answer', () => reject(options.failure(operation, how)));
      const stopWaiting = process.at(time.now + timeoutMs, () => fail('lost'));
      if (time.now < this.cutUntil) {
        process.at(time.now + this.travelMs(), () => fail('unsent'));
        return;
      }
      simulation.note(process.name, `-> ${server} ${operation}`);
      if (simulation.hits('lost-request', 0.02)) {
        this.breakOff(fail);
        return;
      }
      const arrivals = simulation.hits('duplicate', 0.02) ? 2 : 1;
      let arrived = 0;
      let isRefused = false;
      for (let n = 0; n < arrivals; n += 1) {
        time.at(time.now + this.travelMs(), () => {
          const arrival = arrived++;
          // Sent again is what had no answer.
          if (isRefused) return;
          simulation.note(server, `${operation} of ${process.name}${arrival > 0 ? ', again' : ''}`);
          const back = (how: string, give: () => void): void => {
            // Whoever sent it twice passes the first answer on.
            if (arrival > 0) return;
            if (time.now < this.cutUntil || simulation.hits('lost-response', 0.02)) this.breakOff(fail);
            else process.at(time.now + this.travelMs(), () => answer(how, give));
          };
          serve().then(
            (value) => back(seen(value), () => resolve(value)),
            (error: Error) => {
              isRefused = true;
              back(`fails: ${error.message}`, () => reject(error));
            },
          );
        });
      }
    });
  }

  /** The caller sees a broken connection, or waits in vain. */
  private breakOff(fail: (how: 'lost') => void): void {
    const { luck, time } = this.simulation;
    if (luck() < 0.7) this.process.at(time.now + luck() * 100, () => fail('lost'));
  }

  private travelMs(): number {
    const { simulation, options } = this;
    const late = simulation.hits('late', 0.02) ? simulation.luck() * options.lateMs : 0;
    return 1 + simulation.luck() ** 2 * options.latencyMs + late;
  }
}

/** An answer in a word, for the trace. */
function seen(answer: unknown): string {
  if (Array.isArray(answer)) return answer.map(seen).join(', ') || 'nothing';
  if (typeof answer !== 'object' || answer === null) return String(answer);
  if ('ok' in answer) return answer.ok === true ? 'ok' : `refused, ${(answer as { reason?: string }).reason}`;
  return 'status' in answer ? String(answer.status) : 'answered';
}
