export { DynamoStore, createDynamoStore } from './dynamo-store.ts';
export type { DynamoConnection, DynamoStoreOptions } from './options.ts';
export { createTable } from './table/create-table.ts';
export type { CreateTableOptions, CreatedTable } from './table/create-table.ts';
export { inspectTable } from './table/inspect-table.ts';
export type { InspectTableOptions, TableInspection } from './table/inspect-table.ts';
export { tableDefinition } from './table/table-definition.ts';
export type { TableOptions } from './table/table-definition.ts';
