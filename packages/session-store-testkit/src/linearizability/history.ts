import { outcomeOf } from '../client-processes/trace.ts';
import type { Call } from './call.ts';

/** A call that failed, for the reason that is its cause. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';

  constructor(override readonly cause: unknown) {
    super('a call has no answer');
  }
}

/**
 * What some clients asked and what they were answered. One process makes all calls, so the order in which it notes
 * questions and answers needs no clock: an answer that is noted before a question had arrived before it was asked.
 */
export class History {
  readonly calls: Call[] = [];
  private noted = 0;

  /**
   * Makes a call and notes it. One that certainly had no effect is left out.
   * @throws Unanswered
   */
  async note<Answer>(
    { client, on, asked }: { readonly client: string; readonly on: string; readonly asked: unknown },
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const begin = this.noted++;
    try {
      const answer = await call();
      this.calls.push({ client, on, asked, begin, end: this.noted++, answer });
      return answer;
    } catch (failure) {
      const isWithoutEffect = outcomeOf(failure) === 'not_applied';
      if (!isWithoutEffect) this.calls.push({ client, on, asked, begin, end: Infinity, answer: undefined });
      throw new Unanswered(failure);
    }
  }
}
