import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { StoreError, sessionIdFrom } from '@mooring/session-store';
import type { SessionData, SessionRef, SessionStore, SessionSummary } from '@mooring/session-store';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { inParallel } from './in-parallel.ts';
import { storedText, textIn } from './stored-text.ts';

export interface KeyvStoreOptions {
  readonly sessions: SessionStore;
  /** The tenant that entries are kept under. `clear` and `iterator` read every session of it. */
  readonly tenantId: string;
}

export interface KeyvEntry {
  readonly key: string;
  readonly value: string;
  readonly ttl?: number;
}

interface Entry {
  readonly namespace: string | null;
  readonly key: string;
  readonly value: string;
}

/** 400 days, the longest that a store keeps a record. */
const LONGEST_MS = 34_560_000_000;
const MOST_TRIES = 32;
const MOST_AT_ONCE = 16;
const PAGE = 100;

/** What is left of an entry for the millisecond in which its record ends. */
const REMOVED: SessionData = {};

/**
 * A storage adapter of Keyv 5, one for each Keyv: Keyv writes its namespace into its adapter. Values are texts, as
 * Keyv's serializer makes them; keys are any texts. An entry ends `ttl` milliseconds after it was set, by the store's
 * clock, and 400 days after its key was set first at the latest.
 *
 * Setting and deleting one key at the same time take effect one after the other: an acknowledged value is only replaced
 * or deleted by an operation that ended later, and a deleted one never comes back.
 */
export class KeyvStore extends EventEmitter implements KeyvStoreAdapter {
  /** Keyv 5 iterates only where it knows the dialect. */
  readonly opts = { dialect: 'redis' };
  /** Set by Keyv. */
  namespace: string | undefined = undefined;
  private readonly sessions: SessionStore;
  private readonly tenantId: string;

  constructor(options: KeyvStoreOptions) {
    super();
    this.sessions = options.sessions;
    this.tenantId = options.tenantId;
  }

  /** Keyv answers undefined for a failure unless it has `throwOnErrors`, so a failure is emitted as well. */
  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    try {
      return (await this.find(key))?.value as StoredData<Value> | undefined;
    } catch (error) {
      if (this.listenerCount('error') > 0) this.emit('error', error);
      throw error;
    }
  }

  async getMany<Value>(keys: readonly string[]): Promise<StoredData<Value>[]> {
    const found = await inParallel(keys, MOST_AT_ONCE, (key) => this.find(key));
    return found.map((entry) => entry?.value as StoredData<Value>);
  }

  async has(key: string): Promise<boolean> {
    return (await this.find(key)) !== undefined;
  }

  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return [...(await inParallel(keys, MOST_AT_ONCE, (key) => this.has(key)))];
  }

  /** Without `ttl` the entry lives for 400 days; with one of 0 or less it is deleted. */
  async set(key: string, value: string, ttl?: number): Promise<boolean> {
    const operation = 'set';
    if (typeof value !== 'string')
      throw this.error('invalid_argument', operation, 'value must be a text; see serialize');
    const idleTimeoutMs = ttl === undefined ? LONGEST_MS : Math.min(Math.ceil(ttl), LONGEST_MS);
    const ref = this.refOf(key);
    if (idleTimeoutMs <= 0) await this.remove(operation, ref);
    else await this.put(operation, ref, this.dataOf(key, value), idleTimeoutMs);
    return true;
  }

  async setMany(entries: readonly KeyvEntry[]): Promise<void> {
    await inParallel(entries, MOST_AT_ONCE, ({ key, value, ttl }) => this.set(key, value, ttl));
  }

  /** Answers whether there was a live entry. */
  async delete(key: string): Promise<boolean> {
    return this.remove('delete', this.refOf(key));
  }

  /** Answers whether there was a live entry for each key. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    const removed = await inParallel(keys, MOST_AT_ONCE, (key) => this.delete(key));
    return removed.every(Boolean);
  }

  /** Deletes what is in the namespace when it is called. */
  async clear(): Promise<void> {
    for await (const page of this.pages(this.namespace)) {
      await inParallel(page, MOST_AT_ONCE, ([summary]) => this.remove('clear', summary, summary.version));
    }
  }

  async *iterator<Value>(namespace = this.namespace): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    for await (const page of this.pages(namespace)) for (const [, { key, value }] of page) yield [key, value];
  }

  /** Does nothing: who opened the store closes it. */
  async disconnect(): Promise<void> {}

  private async find(key: string): Promise<Entry | undefined> {
    const found = await this.sessions.get(this.refOf(key));
    return found.ok ? entryIn(found.value) : undefined;
  }

  /** Only an update of the version that was read overwrites, so what others did in between is never lost unseen. */
  private async put(operation: string, ref: SessionRef, data: SessionData, idleTimeoutMs: number): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const session = { ...ref, subjectId: null, data, idleTimeoutMs, lifetimeMs: LONGEST_MS };
      if ((await this.sessions.create(session, { replace: 'dead' })).ok) return;
      const found = await this.sessions.get(ref);
      if (!found.ok) continue;
      if ((await this.sessions.update(ref, found.value.version, { data, idleTimeoutMs })).ok) return;
    }
    throw this.contended(operation);
  }

  /** Empties the record and lets it end: revoking would leave a tombstone for 400 days. */
  private async remove(operation: string, { tenantId, id }: SessionRef, version?: number): Promise<boolean> {
    const ref = { tenantId, id };
    let expected = version;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (expected === undefined) {
        const found = await this.sessions.get(ref);
        if (!found.ok || entryIn(found.value) === undefined) return false;
        expected = found.value.version;
      }
      if ((await this.sessions.update(ref, expected, { data: REMOVED, idleTimeoutMs: 1 })).ok) return true;
      expected = undefined;
    }
    throw this.contended(operation);
  }

  private async *pages(namespace: string | undefined): AsyncGenerator<readonly (readonly [SessionSummary, Entry])[]> {
    const { sessions, tenantId } = this;
    let cursor: string | undefined;
    do {
      const page = await sessions.list({ tenantId }, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      yield page.items.flatMap((summary) => {
        const entry = entryIn(summary);
        return entry?.namespace === (namespace ?? null) ? [[summary, entry] as const] : [];
      });
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  private refOf(key: string): SessionRef {
    const { tenantId } = this;
    const name = JSON.stringify(['keyv', this.namespace ?? null, key]);
    const id = sessionIdFrom({ tenantId, subjectId: null }, createHash('sha256').update(name).digest());
    return { tenantId, id };
  }

  private dataOf(key: string, value: string): SessionData {
    const namespace = this.namespace === undefined ? null : storedText(this.namespace);
    return { keyv: { namespace, key: storedText(key), value: storedText(value) } };
  }

  private contended(operation: string): StoreError {
    return this.error('conflict', operation, `the entry was changed ${MOST_TRIES} times meanwhile; try again`);
  }

  private error(code: 'conflict' | 'invalid_argument', operation: string, message: string): StoreError {
    return new StoreError({ code, backend: 'keyv', operation, message });
  }
}

function entryIn({ data }: SessionSummary): Entry | undefined {
  const stored = data['keyv'] as SessionData | undefined;
  const [key, value] = [textIn(stored?.['key']), textIn(stored?.['value'])];
  if (key === undefined || value === undefined) return undefined;
  return { namespace: textIn(stored?.['namespace']) ?? null, key, value };
}
