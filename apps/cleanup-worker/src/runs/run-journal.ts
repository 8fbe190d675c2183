import { StoreError } from '@mooring/session-store';
import { isRunOver } from '@mooring/session-sweeper';
import type { RunRecord, RunRecords, StoredRun } from '@mooring/session-sweeper';

export interface JournalEvents {
  /** The record could not be written; the next one may be. */
  failed(error: StoreError): void;
  /** Another process ended the run meanwhile, or goes on with it: nothing of this one is written any more. */
  taken(): void;
}

/** Writes the record of a run as it goes on, one write at a time. Of several that wait, the last is written. */
export class RunJournal {
  private latest: RunRecord;
  private next: RunRecord | undefined;
  private writing: Promise<boolean> | undefined;
  /** The run as another process has it, which came later. */
  private other: StoredRun | undefined;

  constructor(
    private readonly records: RunRecords,
    private stored: StoredRun,
    private readonly events: JournalEvents,
  ) {
    this.latest = stored.record;
  }

  get takenBy(): StoredRun | undefined {
    return this.other;
  }

  get run(): StoredRun {
    return { ...this.stored, record: this.latest };
  }

  /** Changes the record without writing it. */
  note(change: Partial<RunRecord>): RunRecord {
    return (this.latest = { ...this.latest, ...change });
  }

  /** Resolves when all is written; false when the store failed. */
  save(change: Partial<RunRecord>): Promise<boolean> {
    this.next = this.note(change);
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async write(): Promise<boolean> {
    let written = true;
    while (this.next !== undefined && this.other === undefined) {
      const record = { ...this.next, attempt: this.latest.attempt };
      this.next = undefined;
      try {
        this.stored =
          (await this.records.replace(this.stored, record)) ?? (await this.overwrite(record)) ?? this.stored;
        written = true;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        written = false;
        this.events.failed(error);
      }
    }
    return written;
  }

  /** A process that had the lease before may have written last. Where both took it for the first, this is the next attempt. */
  private async overwrite(record: RunRecord): Promise<StoredRun | undefined> {
    const found = await this.records.find(this.stored.id);
    if (found === undefined) return undefined;
    const isNewer = isRunOver(found.record) || found.record.attempt > record.attempt;
    if (!isNewer) {
      const hasBegun = found.record.status === 'running' && found.record.instance !== record.instance;
      const { attempt } = hasBegun ? this.note({ attempt: found.record.attempt + 1 }) : record;
      return this.records.replace(found, { ...record, attempt });
    }
    this.other = found;
    this.events.taken();
    return undefined;
  }
}
