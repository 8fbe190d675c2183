/** The operations of the Data API, in the order of its documentation. */
export const OPERATION_NAMES = [
  'ExecuteStatement',
  'BatchExecuteStatement',
  'DescribeStatement',
  'GetStatementResult',
  'GetStatementResultV2',
  'CancelStatement',
  'ListStatements',
  'ListSessions',
  'ListDatabases',
  'ListSchemas',
  'ListTables',
  'DescribeTable',
] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

export function isOperationName(name: string): name is OperationName {
  return (OPERATION_NAMES as readonly string[]).includes(name);
}

/**
 * Calls per second of an account in a Region (Amazon Redshift Management Guide, quotas of the Data API, read in 2026).
 * ListSessions and GetStatementResultV2 are not in that table; what is here for them is assumed.
 */
export const PUBLISHED_RATES: Readonly<Record<OperationName, number>> = {
  ExecuteStatement: 30,
  BatchExecuteStatement: 20,
  DescribeStatement: 100,
  GetStatementResult: 20,
  GetStatementResultV2: 20,
  CancelStatement: 3,
  ListStatements: 3,
  ListSessions: 3,
  ListDatabases: 3,
  ListSchemas: 3,
  ListTables: 3,
  DescribeTable: 3,
};
