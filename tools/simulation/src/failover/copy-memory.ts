import { randomUUID } from 'node:crypto';
import { partitionOf } from '@mooring/session-store';
import type { FoundCopy, SessionCopies, SessionCopy, SessionRecord, SessionRef } from '@mooring/session-store';

interface KeptCopy {
  readonly epoch: string;
  readonly valid: string;
  readonly json: string;
}

/** A server that holds copies, as plain as can be. Nothing in it expires: that would only make it safer. */
export class CopyMemory {
  incarnation: string = randomUUID();
  private copies = new Map<string, KeptCopy>();
  private marks = new Map<string, string>();

  find(epoch: string, { tenantId, id }: SessionRef): FoundCopy {
    const place = placeOf(tenantId, id.slice(0, 2));
    const [valid, guard] = [this.marks.get(`${place} valid`), this.marks.get(`${place} guard`)];
    const copy = this.copies.get(placeOf(tenantId, id));
    const marks = `${valid ?? ''} ${guard ?? ''}`;
    if (copy === undefined || copy.epoch !== epoch || copy.valid !== valid) return { marks };
    return { record: JSON.parse(copy.json) as SessionRecord, marks };
  }

  keep({ epoch, record, marks }: SessionCopy, json = JSON.stringify(record)): boolean {
    const { tenantId, id } = record;
    const place = placeOf(tenantId, id.slice(0, 2));
    const [valid, guard] = [this.marks.get(`${place} valid`), this.marks.get(`${place} guard`)];
    if (valid === undefined) this.marks.set(`${place} valid`, randomUUID());
    if (guard === undefined) this.marks.set(`${place} guard`, randomUUID());
    if (valid === undefined || guard === undefined || marks !== `${valid} ${guard}`) return false;
    this.copies.set(placeOf(tenantId, id), { epoch, valid, json });
    return true;
  }

  forget({ tenantId, id }: SessionRef, successor?: SessionCopy, json?: string): void {
    if (successor === undefined || !this.keep(successor, json)) this.copies.delete(placeOf(tenantId, id));
    this.marks.set(`${placeOf(tenantId, id.slice(0, 2))} guard`, randomUUID());
  }

  forgetSubject(tenantId: string, subjectId: string): void {
    const place = placeOf(tenantId, partitionOf(tenantId, subjectId));
    this.marks.set(`${place} valid`, randomUUID());
    this.marks.set(`${place} guard`, randomUUID());
  }

  /** What it holds now, in another process: a restart from this snapshot, or a replica that was promoted. */
  reborn(): CopyMemory {
    const other = new CopyMemory();
    other.copies = new Map(this.copies);
    other.marks = new Map(this.marks);
    return other;
  }

  /** Loses what `isLost` says of each key. */
  evict(isLost: () => boolean): void {
    for (const map of [this.copies, this.marks]) {
      for (const key of map.keys()) if (isLost()) map.delete(key);
    }
  }
}

function placeOf(tenantId: string, name: string): string {
  return JSON.stringify([tenantId, name]);
}

/** Copies in a memory of this process, which always answer. */
export class MemoryCopies implements SessionCopies {
  readonly name = 'redis';
  readonly interruptions = 0;

  constructor(private readonly memory: CopyMemory) {}

  async incarnation(): Promise<string> {
    return this.memory.incarnation;
  }

  async find(epoch: string, ref: SessionRef): Promise<FoundCopy> {
    return this.memory.find(epoch, ref);
  }

  async keep(copy: SessionCopy): Promise<boolean> {
    return this.memory.keep(copy);
  }

  async forget(ref: SessionRef, successor?: SessionCopy): Promise<void> {
    this.memory.forget(ref, successor);
  }

  async forgetSubject(tenantId: string, subjectId: string): Promise<void> {
    this.memory.forgetSubject(tenantId, subjectId);
  }

  async close(): Promise<void> {}
}
