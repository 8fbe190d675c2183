import type { EnginePlace } from '@mooring/engine';
import type { Warehouse, WarehouseTarget } from '@mooring/redshift-sessions';
import { failure, translate } from '../errors.ts';
import { quoted } from './quoting.ts';

const OWN_SCHEMA = `SELECT 1 FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_user AS u ON u.usesysid = n.nspowner
  WHERE n.nspname = :name AND u.usename = current_user`;

/** Namespaces as schemas, of the tenant's database user. */
export class Schemas {
  constructor(private readonly warehouse: Warehouse) {}

  /** @throws EngineError `already_exists` where the schema is another user's */
  async create({ namespace, storage }: EnginePlace, target: WarehouseTarget): Promise<void> {
    const { tenantId } = storage;
    await this.run(tenantId, target, `CREATE SCHEMA IF NOT EXISTS ${quoted(namespace.name)}`);
    if (await this.isOwn(tenantId, target, namespace.name)) return;
    const message = `The database has a schema ${namespace.name} already, of another database user. Take another name, or a database for each tenant.`;
    throw failure({ code: 'already_exists', message });
  }

  /** One of another user is none of the namespace's. */
  async drop({ namespace, storage }: EnginePlace, target: WarehouseTarget): Promise<void> {
    const { tenantId } = storage;
    if (!(await this.isOwn(tenantId, target, namespace.name))) return;
    await this.run(tenantId, target, `DROP SCHEMA IF EXISTS ${quoted(namespace.name)} CASCADE`);
  }

  /** @throws EngineError `invalid_storage` where the warehouse does not let the user in */
  async reach(tenantId: string, target: WarehouseTarget, storage: string): Promise<void> {
    try {
      await this.run(tenantId, target, 'SELECT 1');
    } catch (error) {
      const refusal = translate(error);
      if (refusal.retryable) throw refusal;
      throw failure({ code: 'invalid_storage', message: `Storage ${storage} can't be used: ${refusal.message}` });
    }
  }

  private async isOwn(tenantId: string, target: WarehouseTarget, name: string): Promise<boolean> {
    return (await this.run(tenantId, target, OWN_SCHEMA, { name })) > 0;
  }

  private async run(
    tenantId: string,
    target: WarehouseTarget,
    sql: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    try {
      const statement = await this.warehouse.execute({ tenantId, target, sql, parameters, mode: 'none' });
      let count = 0;
      for await (const row of statement.rows()) count += row.length > 0 ? 1 : 0;
      return count;
    } catch (error) {
      throw translate(error);
    }
  }
}
