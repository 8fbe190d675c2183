import type { RowBatch } from '../values.ts';

export interface BatchWatch {
  /** With each batch, and at their end. What it throws ends the reading. */
  seen?(): void;
  /** They were read to their end, left, or failed with this. It may be told more than once. */
  ended?(failure?: unknown): Promise<void> | undefined;
}

/** Batches under a watch. A statement has several, one within the other, so this is no generator, which makes promises of its own. */
export class WatchedBatches implements AsyncIterableIterator<RowBatch> {
  private readonly inner: AsyncIterator<RowBatch>;

  constructor(
    batches: AsyncIterable<RowBatch>,
    private readonly watch: BatchWatch,
  ) {
    this.inner = batches[Symbol.asyncIterator]();
  }

  next(): Promise<IteratorResult<RowBatch>> {
    return this.inner.next().then(this.given, this.failed);
  }

  async return(): Promise<IteratorResult<RowBatch>> {
    try {
      await this.inner.return?.();
    } catch (error) {
      return await this.failed(error);
    }
    await this.watch.ended?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private readonly given = (
    result: IteratorResult<RowBatch>,
  ): IteratorResult<RowBatch> | Promise<IteratorResult<RowBatch>> => {
    try {
      this.watch.seen?.();
    } catch (error) {
      return this.leaveWith(error);
    }
    if (result.done !== true) return result;
    const ending = this.watch.ended?.();
    return ending === undefined ? result : ending.then(() => result);
  };

  private readonly failed = async (failure: unknown): Promise<never> => {
    await this.watch.ended?.(failure);
    throw failure;
  };

  private async leaveWith(error: unknown): Promise<never> {
    try {
      await this.inner.return?.();
    } catch {
      // What made the reader leave counts, not what came of leaving.
    }
    return this.failed(error);
  }
}
