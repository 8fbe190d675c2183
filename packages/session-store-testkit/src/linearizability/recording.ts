import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { newSessionId } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { eventually, fresh } from '../client-processes/process-harness.ts';
import type { ClientProcess, CrashHarness } from '../client-processes/process-harness.ts';
import { isTypedFailure } from '../client-processes/trace.ts';
import { choices } from './caller.ts';
import type { Caller, Calling } from './caller.ts';
import { History, Unanswered } from './history.ts';
import { LeaseCaller } from './lease-caller.ts';
import { PoolCaller } from './pool-caller.ts';
import type { PoolCaps } from './pool-specification.ts';
import { SessionCaller } from './session-caller.ts';

/** The clients of one backend, whose histories are recorded. */
export interface HistoryHarness extends Partial<CrashHarness> {
  readonly name: string;
  /** Clients that outlive the checks, each of a process of its own where the backend is shared. */
  stores(): readonly [StoreBackend, StoreBackend];
}

export type Loss = 'nothing' | 'client' | 'server';

export interface RecordingOptions {
  readonly seed: number;
  /** How many calls each of the callers makes: there are two of each kind at each client. */
  readonly callsEach: number;
}

export interface Recorded {
  readonly history: History;
  readonly sessions: readonly string[];
  readonly leases: readonly string[];
  readonly pools: readonly string[];
}

export const POOL_CAPS: PoolCaps = { maxPerKey: 3, maxPerTarget: 4 };

const CALLERS_OF_A_KIND = 2;

interface Client {
  readonly store: StoreBackend;
  readonly name: string;
  isLost: boolean;
  failures: number;
}

/** Clients that call all at once, while one of them or the server is lost. */
class Recording {
  readonly history = new History();
  readonly refs = ['one', 'two'].map(() => ({
    tenantId: 'histories',
    id: newSessionId({ tenantId: 'histories', subjectId: null }),
  }));
  readonly leases = ['one', 'two', 'three'].map(() => fresh('lease'));
  readonly target = fresh('warehouse');
  readonly clients: Client[] = [];
  private steps = 0;
  private readonly running: Promise<void>[] = [];
  private gate = Promise.resolve();
  private readonly broken: unknown[] = [];

  constructor(
    private readonly harness: HistoryHarness,
    private readonly options: RecordingOptions,
  ) {}

  join(store: StoreBackend): Client {
    const client = { store, name: `client-${this.clients.length + 1}`, isLost: false, failures: 0 };
    this.clients.push(client);
    return client;
  }

  begin(): void {
    for (const [place, client] of this.clients.entries()) {
      for (let number = 1; number <= CALLERS_OF_A_KIND; number += 1) {
        const calling = (kind: number): Calling => ({
          history: this.history,
          store: client.store,
          client: `${client.name}${'abc'[kind]}${number}`,
          choose: choices(this.options.seed * 1000 + place * 100 + kind * 10 + number),
        });
        const callers = [
          new SessionCaller(calling(0), this.refs),
          new LeaseCaller(calling(1), this.leases),
          new PoolCaller(calling(2), this.target, POOL_CAPS),
        ];
        for (const caller of callers) {
          this.running.push(this.keepCalling(client, caller).catch((error: unknown) => void this.broken.push(error)));
        }
      }
    }
  }

  /** Has the second half of the calls wait until it is told: what is lost meanwhile is lost amid them, however slowly. */
  hold(): () => void {
    let open = (): void => {};
    this.gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  /** Until so much of the work is done, from 0 to 1. */
  until(share: number): Promise<void> {
    const all = this.running.length * this.options.callsEach;
    return this.eventually('calls', () => this.steps >= all * share);
  }

  untilAllHaveFailed(): Promise<void> {
    return this.eventually('a failure of each client', () => this.clients.every(({ failures }) => failures > 0));
  }

  async end(): Promise<Recorded> {
    await Promise.all(this.running);
    this.requireWhole();
    const { history, leases } = this;
    return { history, sessions: this.refs.map(({ id }) => id), leases, pools: [this.target] };
  }

  private eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    return eventually(this.harness, what, () => {
      this.requireWhole();
      return isSo();
    });
  }

  private requireWhole(): void {
    if (this.broken.length > 0) throw this.broken[0];
  }

  private async keepCalling(client: Client, caller: Caller): Promise<void> {
    for (let step = 0; step < this.options.callsEach; step += 1) {
      if (step >= this.options.callsEach / 2) await this.gate;
      try {
        await caller.step();
      } catch (failure) {
        if (!(failure instanceof Unanswered)) throw failure;
        client.failures += 1;
        const isExpected = client.isLost || isTypedFailure(failure.cause);
        assert.ok(isExpected, `failed with ${String(failure.cause)}, should be a retryable StoreError`);
        if (client.isLost) {
          this.steps += this.options.callsEach - step;
          return;
        }
        await this.untilAnswered(client);
      }
      this.steps += 1;
    }
  }

  private untilAnswered(client: Client): Promise<void> {
    return this.eventually('an answer', async () => {
      await sleep(10);
      return client.store.ping().then(
        () => true,
        () => client.isLost,
      );
    });
  }
}

/** Has two clients, and one more that is lost, call all at once; `loss` comes when a third of the calls are made. */
export async function recorded(harness: HistoryHarness, loss: Loss, options: RecordingOptions): Promise<Recorded> {
  const recording = new Recording(harness, options);
  for (const store of harness.stores()) recording.join(store);
  if (loss === 'client') {
    const { start } = harness;
    assert.ok(start !== undefined);
    const started: ClientProcess = await start();
    const lost = recording.join(started.store);
    try {
      recording.begin();
      await recording.until(1 / 3);
    } finally {
      lost.isLost = true;
      await started.kill();
    }
  } else if (loss === 'nothing') {
    recording.begin();
  } else {
    const goOn = recording.hold();
    recording.begin();
    try {
      await recording.until(1 / 3);
      await harness.killServer?.();
    } finally {
      goOn();
    }
    await recording.untilAllHaveFailed();
    await harness.restartServer?.();
  }
  return recording.end();
}
