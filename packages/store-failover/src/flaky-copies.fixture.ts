import { StoreError } from '@mooring/session-store';
import type { FoundCopy, SessionCopies, SessionCopy, SessionRef } from '@mooring/session-store';

/** Copies of which every n-th command fails: in turns before it is done, and after. */
export class FlakyCopies implements SessionCopies {
  readonly name: string;
  private commands = 0;

  constructor(
    private readonly copies: SessionCopies,
    private readonly everyNth: number,
  ) {
    this.name = copies.name;
  }

  get interruptions(): number {
    return this.copies.interruptions;
  }

  incarnation(): Promise<string> {
    return this.send(() => this.copies.incarnation());
  }

  find(epoch: string, ref: SessionRef): Promise<FoundCopy> {
    return this.send(() => this.copies.find(epoch, ref));
  }

  keep(copy: SessionCopy): Promise<boolean> {
    return this.send(() => this.copies.keep(copy));
  }

  forget(ref: SessionRef, successor?: SessionCopy): Promise<void> {
    return this.send(() => this.copies.forget(ref, successor));
  }

  forgetSubject(tenantId: string, subjectId: string): Promise<void> {
    return this.send(() => this.copies.forgetSubject(tenantId, subjectId));
  }

  close(): Promise<void> {
    return this.copies.close();
  }

  private async send<T>(call: () => Promise<T>): Promise<T> {
    this.commands += 1;
    const isBad = this.commands % this.everyNth === 0;
    const isDone = (this.commands / this.everyNth) % 2 === 0;
    if (isBad && !isDone) throw failure('not_applied');
    const answer = await call();
    if (isBad) throw failure('unknown');
    return answer;
  }
}

function failure(outcome: 'not_applied' | 'unknown'): StoreError {
  return new StoreError({ code: 'unavailable', message: 'flaky', backend: 'redis', operation: 'copies', outcome });
}
