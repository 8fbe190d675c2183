import { createHash } from 'node:crypto';
import { StoreError } from '@mooring/session-store';
import { BACKEND } from '../errors.ts';

/** The part of an ioredis `Redis` or `Cluster` that tells who answers. */
export interface InfoClient {
  readonly isCluster?: boolean;
  readonly options?: { readonly db?: number; readonly keyPrefix?: string };
  info(section: string): Promise<string>;
  nodes?(role: 'master'): readonly InfoClient[];
  on(event: string, listener: () => void): unknown;
}

/** Of keys and scripts: processes that differ in it share no copies. */
const FORMAT = 1;

/** The servers that commands go to: one, or the masters of a cluster. */
export class Masters {
  private lost = 0;
  private known: readonly InfoClient[];
  private readonly watched = new WeakSet<InfoClient>();

  constructor(
    private readonly client: InfoClient,
    private readonly namespace: string,
  ) {
    this.known = client.isCluster === true ? [] : [client];
    this.watch(client);
  }

  /**
   * Grows when a connection is lost, and in a cluster when its masters are no longer the same: the driver follows a slot
   * to another master without a connection being lost.
   */
  get interruptions(): number {
    if (this.client.isCluster === true) {
      const masters = this.list();
      if (masters.length !== this.known.length || masters.some((master, place) => master !== this.known[place])) {
        this.known = masters;
        for (const master of masters) this.watch(master);
        this.lost += 1;
      }
    }
    return this.lost;
  }

  /**
   * Of each server its process and its replication history: a restart changes the one, a promotion the other, so together
   * they name a memory that nobody wound back. And where in it the copies are.
   */
  async incarnation(operation: string): Promise<string> {
    const masters = this.list();
    if (masters.length === 0)
      throw refusal(operation, 'unavailable', 'no master of the cluster is known at the moment');
    const servers = await Promise.all(masters.map((master) => incarnationOf(operation, master)));
    const { db = 0, keyPrefix = '' } = this.client.options ?? {};
    const place = JSON.stringify([FORMAT, servers.sort(), db, keyPrefix, this.namespace]);
    return createHash('sha256').update(place).digest('base64url');
  }

  private list(): readonly InfoClient[] {
    return this.client.isCluster === true ? (this.client.nodes?.('master') ?? []) : this.known;
  }

  private watch(server: InfoClient): void {
    if (this.watched.has(server)) return;
    this.watched.add(server);
    server.on('close', () => {
      this.lost += 1;
    });
  }
}

async function incarnationOf(operation: string, server: InfoClient): Promise<string> {
  // Two, since servers before 7.0 answer one section at a time. They go out together.
  const [about, replication] = await Promise.all([server.info('server'), server.info('replication')]);
  const processId = /^run_id:(\w+)/m.exec(about)?.[1];
  const history = /^master_replid:(\w+)/m.exec(replication)?.[1];
  if (processId === undefined || history === undefined) {
    throw refusal(
      operation,
      'misconfigured',
      'INFO does not tell run_id and master_replid; a proxy must not be in between',
    );
  }
  if (!/^role:master\b/m.test(replication)) {
    throw refusal(operation, 'unavailable', 'the server is a replica; a failover is under way or the address is wrong');
  }
  return `${processId}:${history}`;
}

function refusal(operation: string, code: 'misconfigured' | 'unavailable', message: string): StoreError {
  return new StoreError({ code, message, backend: BACKEND, operation });
}
