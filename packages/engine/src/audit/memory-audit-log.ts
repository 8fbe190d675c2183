import { EngineError } from '../errors.ts';
import type { AuditEvent, AuditSink } from './audit-sink.ts';

export interface MemoryAuditLogOptions {
  /** How many events are kept over all tenants; the oldest go first. Default 10,000. */
  readonly capacity?: number;
  /** Called with each event, also those that are dropped later. */
  readonly onEvent?: (event: AuditEvent) => void;
}

/** A ring of the last events: for tests, and beside a callback that takes them elsewhere. */
export class MemoryAuditLog implements AuditSink {
  private readonly events: AuditEvent[] = [];
  private readonly capacity: number;
  private oldest = 0;

  /** @throws EngineError `invalid_argument` */
  constructor(private readonly options: MemoryAuditLogOptions = {}) {
    this.capacity = options.capacity ?? 10_000;
    if (!Number.isSafeInteger(this.capacity) || this.capacity < 1) {
      throw new EngineError({ code: 'invalid_argument', message: 'capacity must be a whole number, at least 1' });
    }
  }

  async record(event: AuditEvent): Promise<void> {
    if (this.events.length < this.capacity) this.events.push(event);
    else {
      this.events[this.oldest] = event;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    this.options.onEvent?.(event);
  }

  async recent(tenantId: string, limit: number): Promise<readonly AuditEvent[]> {
    const found: AuditEvent[] = [];
    for (let back = 1; back <= this.events.length && found.length < limit; back += 1) {
      const event = this.events[(this.oldest + this.events.length - back) % this.events.length];
      if (event?.tenantId === tenantId) found.push(event);
    }
    return found;
  }
}
