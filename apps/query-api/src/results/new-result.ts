import type { FileHandle } from 'node:fs/promises';
import { rename, rm } from 'node:fs/promises';
import { ProblemError } from '@mooring/nest-runtime';
import type { TenantSpace } from './tenant-space.ts';

export interface NewResultParts {
  readonly handle: FileHandle;
  /** Where it is written, and where it is once it is whole. */
  readonly partPath: string;
  readonly path: string;
  readonly space: TenantSpace;
  readonly onEnd: () => void;
}

/** A result that is being written. It has its name only once it is whole; until then nobody finds it. */
export class NewResult {
  private written = 0;

  constructor(private readonly parts: NewResultParts) {}

  /** @throws ProblemError `result_too_large`, `results_unavailable` */
  async write(part: Uint8Array | string): Promise<void> {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    if (bytes.byteLength === 0) return;
    this.parts.space.take(bytes.byteLength);
    this.written += bytes.byteLength;
    await this.parts.handle.appendFile(bytes).catch(unwritable);
  }

  /** Its size in bytes. @throws ProblemError `results_unavailable` */
  async keep(): Promise<number> {
    const { handle, partPath, path, onEnd } = this.parts;
    try {
      await handle.datasync();
      await handle.close();
      await rename(partPath, path);
    } catch (error) {
      return unwritable(error);
    }
    onEnd();
    return this.written;
  }

  async discard(): Promise<void> {
    const { handle, partPath, space, onEnd } = this.parts;
    try {
      await handle.close();
      await rm(partPath, { force: true });
    } finally {
      space.giveBack(this.written);
      onEnd();
    }
  }
}

export function unwritable(cause: unknown): never {
  const detail = 'The result could not be written to the disk, which may be full. Try again later.';
  throw new ProblemError('results_unavailable', detail, { cause });
}
