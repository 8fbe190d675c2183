import { createUser, ROOT, tokenOf } from '@mooring/e2e';
import type { KnownUser, UserPods } from '@mooring/e2e';
import { Client } from 'pg';
import { ENGINE_TABLE, NAMESPACE } from '../load/engine.ts';
import type { Ledger } from '../load/ledger.ts';
import { RUNS_TABLE } from '../load/statements.ts';
import type { People } from '../load/world.ts';
import type { Site } from './site.ts';

/** Who is there for all drills of a site. */
export interface Users {
  readonly visitor: KnownUser;
  /** Of each tenant one who may change what is in its namespaces. */
  readonly acme: KnownUser;
  readonly globex: KnownUser;
}

/** Makes the users and the tables that they write to. */
export async function startUsers(pods: UserPods, warehouseUrl: string): Promise<Users> {
  const { acme, globex } = pods.tenants;
  const users = {
    visitor: await createUser(pods),
    acme: await createUser(pods, 'dba', acme),
    globex: await createUser(pods, 'dba', globex),
  };
  await makeTables(pods, warehouseUrl, await tokenOf(pods, users.acme));
  return users;
}

/** Sessions of the users for one drill, and one user more, whose password changes. */
export async function startPeople(site: Site, ledger: Ledger): Promise<People> {
  const { fleets, tenants, users } = site;
  const tokens = {
    acme: await tokenOf(fleets, users.acme),
    globex: await tokenOf(fleets, users.globex),
    administrator: await tokenOf(fleets, users.acme),
    eager: await tokenOf(fleets, users.visitor),
    root: await tokenOf(fleets, ROOT),
  };
  for (const token of Object.values(tokens)) ledger.tokens.set(token, 'live');
  return {
    visitor: users.visitor,
    changer: await createUser({ ...fleets, tenants }),
    analysts: [
      { ...users.acme, token: tokens.acme },
      { ...users.globex, token: tokens.globex },
    ],
    administrator: { token: tokens.administrator, tenantId: tenants.acme },
    eager: { token: tokens.eager },
    root: { token: tokens.root },
  };
}

async function makeTables({ query }: UserPods, warehouseUrl: string, token: string): Promise<void> {
  const client = new Client({ connectionString: warehouseUrl });
  await client.connect();
  await client.query(
    `create table if not exists ${RUNS_TABLE} (id text); grant select, insert on ${RUNS_TABLE} to public`,
  );
  await client.end();
  const database = new URL(warehouseUrl).pathname.slice(1);
  const storage = `storage here type redshift cluster 'main' database '${database}' db_user 'tenant_{tenant}'`;
  const statements = [
    `create ${storage}`,
    `create namespace ${NAMESPACE} storage here`,
    `use namespace ${NAMESPACE}; create table ${ENGINE_TABLE} (id varchar(64))`,
  ];
  for (const sql of statements) {
    const { status, text } = await query.ask('POST', '/v1/sql', { token, body: { sql } });
    if (status !== 200 && status !== 409) throw new Error(`${sql} was answered ${status} ${text}`);
  }
}
