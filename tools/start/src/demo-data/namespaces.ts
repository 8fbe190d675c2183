import { TABLES } from './tables.ts';

/** Of each tenant, in DuckDB. */
export const EMBEDDED_NAMESPACE = 'local';
const STORAGE = 'warehouse';

/** Of a tenant, in the warehouse; all tenants share its database, and so the names in it. */
export function warehouseNamespaceOf(tenantId: string): string {
  return `warehouse_${tenantId}`;
}

/** What a dba runs so that the tables in DuckDB are the tenant's to read. */
export function embeddedNamespace(): string {
  return [`create namespace if not exists ${EMBEDDED_NAMESPACE}`, ...takeUp(EMBEDDED_NAMESPACE)].join('; ');
}

/** The same of the warehouse. */
export function warehouseNamespace(tenantId: string, cluster: string, database: string): string {
  const name = warehouseNamespaceOf(tenantId);
  return [
    `create storage if not exists ${STORAGE} type redshift cluster '${cluster}' database '${database}' db_user 'tenant_{tenant}'`,
    `create namespace if not exists ${name} storage ${STORAGE}`,
    ...takeUp(name),
  ].join('; ');
}

/** Tables that are in the storage and not in the catalog yet; everybody of the tenant may read them. */
function takeUp(namespace: string): readonly string[] {
  return [
    `use namespace ${namespace}`,
    ...Object.entries(TABLES).map(([name, columns]) => `create table if not exists ${name} (${columns})`),
    ...Object.keys(TABLES).map((name) => `alter table ${name} set access public`),
  ];
}
