import { randomBytes } from 'node:crypto';
import { partitionOf } from '@mooring/session-store';
import type { FoundCopy, SessionCopies, SessionCopy, SessionRef, StoreError } from '@mooring/session-store';
import { connectionsOf } from '../connections.ts';
import { BACKEND, overdue, translate } from '../errors.ts';
import { Places, escaped, partitionOfId } from '../keys.ts';
import { settingsOf } from '../options.ts';
import type { RedisClient, RedisStoreOptions, RedisStoreSettings } from '../options.ts';
import { RedisServer } from '../server.ts';
import { FORGET, FORGET_PARTITION, KEEP } from './copy-scripts.ts';
import { recordOf, textOf } from './copy-text.ts';
import { Masters } from './masters.ts';
import type { InfoClient } from './masters.ts';

export interface RedisCopiesOptions extends Omit<
  RedisStoreOptions,
  'clock' | 'durable' | 'maxDataBytes' | 'requireConnection'
> {
  /** The longest wait for an answer, 50 to 600,000. Default 250: who waits longer had better ask the authority. */
  readonly commandTimeoutMs?: number;
}

const COMMAND_TIMEOUT_MS = 250;
/** Losing a mark is safe, it only costs the copies of one tenant's partition. */
const MARKS_KEPT_MS = 3_600_000;

/** Copies of sessions in Redis: a key for each, and two marks for each tenant's partition. */
export class RedisCopies implements SessionCopies {
  readonly name = BACKEND;
  private readonly server: RedisServer;
  private readonly masters: Masters;
  private readonly namespace: string;
  private refusal: StoreError | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    client: RedisClient,
    private readonly settings: RedisStoreSettings,
    private readonly release: () => Promise<void>,
  ) {
    this.server = new RedisServer(client, settings);
    this.masters = new Masters(client as unknown as InfoClient, settings.namespace);
    this.namespace = (client.options?.keyPrefix ?? '') + escaped(settings.namespace);
    client.on('error', (cause) => {
      this.refusal = translate('copies.incarnation', cause, false);
    });
    client.on('ready', () => {
      this.refusal = undefined;
    });
  }

  get interruptions(): number {
    return this.masters.interruptions;
  }

  async incarnation(): Promise<string> {
    const operation = 'copies.incarnation';
    try {
      this.server.requireConnection(operation);
      return await inTime(operation, this.settings.commandTimeoutMs, this.masters.incarnation(operation));
    } catch (cause) {
      const error = translate(operation, cause, true);
      // That there is no connection says less than why there is none.
      throw error.code === 'unavailable' && error.outcome === 'not_applied' ? (this.refusal ?? error) : error;
    }
  }

  async find(epoch: string, ref: SessionRef): Promise<FoundCopy> {
    const [text, valid, guard] = await this.server.values('copies.find', this.keysOf(ref));
    const marks = `${valid ?? ''}\n${guard ?? ''}`;
    const record =
      typeof text === 'string' && typeof valid === 'string' ? recordOf(epoch, valid, ref, text) : undefined;
    return record === undefined ? { marks } : { record, marks };
  }

  async keep(copy: SessionCopy): Promise<boolean> {
    const kept = await this.server.run(
      'copies.keep',
      KEEP,
      new Places(this.keysOf(copy.record)),
      this.argumentsOf(copy),
    );
    return kept === 1;
  }

  async forget(ref: SessionRef, successor?: SessionCopy): Promise<void> {
    const given = successor === undefined ? ['', '', newMark(), MARKS_KEPT_MS] : this.argumentsOf(successor);
    await this.server.run('copies.forget', FORGET, new Places(this.keysOf(ref)), given);
  }

  async forgetSubject(tenantId: string, subjectId: string): Promise<void> {
    const keys = this.marksOf(tenantId, partitionOf(tenantId, subjectId));
    await this.server.run('copies.forgetSubject', FORGET_PARTITION, new Places(keys), [newMark(), MARKS_KEPT_MS]);
  }

  close(): Promise<void> {
    this.server.close();
    return (this.closing ??= this.release());
  }

  /** Resolves with the first answer, or when there is none in time. */
  async settle(connect: () => Promise<void>, limitMs: number): Promise<void> {
    const answered = connect().then(() => this.incarnation());
    await inTime('create', limitMs, answered).catch(() => {});
  }

  private argumentsOf({ epoch, record, marks, ttlMs }: SessionCopy): (string | number)[] {
    const [valid = '', guard = ''] = marks.split('\n');
    return [valid, guard, newMark(), MARKS_KEPT_MS, textOf(epoch, valid, record), Math.ceil(ttlMs)];
  }

  private keysOf({ tenantId, id }: SessionRef): string[] {
    const partition = partitionOfId(id);
    return [`${this.start(tenantId, partition)}:copy:${id}`, ...this.marksOf(tenantId, partition)];
  }

  private marksOf(tenantId: string, partition: string): string[] {
    const start = this.start(tenantId, partition);
    return [`${start}:copies:valid`, `${start}:copies:guard`];
  }

  private start(tenantId: string, partition: string): string {
    return `${this.namespace}:${escaped(tenantId)}:{${partition}}`;
  }
}

/**
 * Opens the copies. A server that does not answer is no failure: operations fail until it does. Rejects with a
 * `StoreError` `misconfigured` when the options are wrong.
 */
export async function createRedisCopies(options: RedisCopiesOptions): Promise<RedisCopies> {
  const settings = settingsOf({ ...options, commandTimeoutMs: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS });
  const { client, connect, release } = connectionsOf(settings);
  const copies = new RedisCopies(client, settings, release);
  await copies.settle(connect, settings.connectTimeoutMs);
  return copies;
}

function newMark(): string {
  return randomBytes(12).toString('base64url');
}

async function inTime<T>(operation: string, limitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(overdue(operation, limitMs)), limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
