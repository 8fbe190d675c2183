import * as fc from 'fast-check';
import { edited } from '../mutation.ts';
import { jsonOf, oddTexts } from '../odd-values.ts';
import { API_OPERATIONS } from './model.ts';
import type { ApiOperation } from './model.ts';
import { membersOf } from './values.ts';
import type { Words } from './values.ts';

/**
 * How a body is sent: with its length, in chunks, with a length that is too large or too small, or with a connection
 * that is cut off amid it. `latin1` is with its length, and no UTF-8.
 */
export type Framing = 'length' | 'chunks' | 'short' | 'long' | 'cut' | 'latin1';

/** A request as an input says it. `STATEMENT`, `BATCH` and `SESSION` in a body stand for ids that there are. */
export interface WireRequest {
  readonly target: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly framing: Framing;
  /** How often the body is sent, one after the other. Once unless given. */
  readonly times?: number;
}

/** Members that say together where a statement runs. */
const PLACES = [
  ['ClusterIdentifier', 'Database', 'DbUser'],
  ['WorkgroupName', 'Database'],
  ['ClusterIdentifier', 'Database', 'SecretArn'],
  ['SessionId'],
  [],
];

const STATEMENTS = [
  ...[
    'select 1',
    'select :a',
    "select 'x' as a, 2.5::numeric as b, null as c, true, 1e300",
    'begin',
    'rollback',
    'selec 1',
  ],
  ...[
    'select :a::int + :b',
    'create temp table t (a int)',
    'select * from generate_series(1, 20)',
    'copy t from stdin',
  ],
  ...[
    "select dateadd(month, 1, getdate()), nvl(null, :a), listagg('a', ',') within group (order by 1)",
    'select top 2 1',
  ],
  ...['create table #u (a varchar(max) encode zstd, b int distkey sortkey) diststyle even', 'set query_group to x'],
  ...["select '\\xff'::bytea, array[1], '{}'::jsonb, '1 day'::interval, 'NaN'::float8", 'select a[1:2] from t -- :c'],
];
const statements = fc.oneof(fc.constantFrom(...STATEMENTS), edited(fc.constantFrom(...STATEMENTS), STATEMENTS));

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  Id: ['STATEMENT', 'BATCH', 'BATCH:1', 'BATCH:9', 'STATEMENT:1'],
  SessionId: ['SESSION', 'd8a9b7c6-0000-0000-0000-000000000000'],
  ClusterIdentifier: ['main'],
  WorkgroupName: ['work', 'arn:aws:redshift-serverless:us-east-1:000000000000:workgroup/x'],
  Database: ['postgres', 'missing'],
  ConnectedDatabase: ['postgres', 'missing'],
  DbUser: ['ann', 'bob'],
  SecretArn: ['arn:aws:secretsmanager:us-east-1:0:secret:ann-a1b2c3', 'constructor'],
  name: ['a', 'b'],
  value: ['1', 'x', '2020-01-01'],
  StatementName: ['statement', ''],
  ClientToken: ['token', 'token-2'],
  NextToken: ['YXQ6MQ==', 'YXQ6OTk='],
  ResultFormat: ['JSON', 'CSV', 'csv'],
  ExecutionMode: ['TRANSACTION', 'AUTO_COMMIT'],
  Status: ['ALL', 'FINISHED', 'AVAILABLE', 'BUSY', 'CLOSED'],
  SchemaPattern: ['%', 'pub\\'],
  TablePattern: ['%', '_\\'],
  Schema: ['public', 'pg_catalog'],
  Table: ['t', 'pg_class'],
};

const WORDS: Words = {
  ...Object.fromEntries(Object.entries(TEXTS).map(([name, texts]) => [name, fc.constantFrom(...texts)])),
  Sql: statements,
  Sqls: statements,
};

const CREDENTIALS = [...Array.from({ length: 9 }, () => 'ann'), 'constructor', '__proto__', 'x'.repeat(200)];

function signatures(mutations: fc.Arbitrary<string>): fc.Arbitrary<Record<string, string>> {
  const scope = '20260101/us-east-1/redshift-data/aws4_request, SignedHeaders=host, Signature=0';
  const signed = fc.constantFrom(...CREDENTIALS).map((key) => `AWS4-HMAC-SHA256 Credential=${key}/${scope}`);
  return fc.oneof(
    { weight: 6, arbitrary: signed.map((authorization) => ({ authorization })) },
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.oneof(oddTexts, mutations).map((authorization) => ({ authorization })) },
  );
}

function moreHeaders(mutations: fc.Arbitrary<string>): fc.Arbitrary<Record<string, string>> {
  const names = ['content-type', 'x-amz-date', 'amz-sdk-request', 'content-encoding', 'x-amz-security-token', 'accept'];
  return fc.dictionary(fc.constantFrom(...names), fc.oneof(oddTexts, mutations), { maxKeys: 2 });
}

function requestsOf({ name, input }: ApiOperation, mutations: fc.Arbitrary<string>): fc.Arbitrary<string> {
  if (input.kind !== 'members') throw new Error(`${name} takes no members`);
  const bodies = fc
    .oneof(
      ...PLACES.filter((names) => names.every((one) => input.members[one] !== undefined)).map((named) =>
        membersOf(input, WORDS, { named, not: PLACES.flat() }),
      ),
    )
    .map(jsonOf);
  return fc
    .record({
      target: fc.oneof(
        { weight: 15, arbitrary: fc.constant(`RedshiftData.${name}`) },
        { weight: 1, arbitrary: fc.oneof(oddTexts, fc.constantFrom('RedshiftData.constructor', `x.${name}`)) },
      ),
      method: fc.oneof({ weight: 30, arbitrary: fc.constant('POST') }, { weight: 1, arbitrary: fc.constant('PUT') }),
      path: fc.oneof(
        { weight: 30, arbitrary: fc.constant('/') },
        { weight: 1, arbitrary: fc.constantFrom('/?a=b', '/health', '/_local/stats', '*', '//', '/%00') },
      ),
      headers: fc
        .tuple(signatures(mutations), moreHeaders(mutations))
        .map(([signature, more]) => ({ ...signature, ...more })),
      body: fc.oneof(
        { weight: 7, arbitrary: bodies },
        { weight: 2, arbitrary: edited(bodies, ['{"Id":"STATEMENT"}', '{"a":1,"a":2}']) },
        { weight: 1, arbitrary: mutations },
      ),
      framing: fc.oneof(
        { weight: 12, arbitrary: fc.constant<Framing>('length') },
        { weight: 4, arbitrary: fc.constantFrom<Framing>('chunks', 'short', 'long', 'cut', 'latin1') },
      ),
    })
    .map((request) => JSON.stringify(request satisfies WireRequest));
}

const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=ann/20260101/us-east-1/redshift-data/aws4_request, SignedHeaders=host',
};
const PLAINLY = { method: 'POST', path: '/', headers: SIGNED, framing: 'length' } as const;

/** What opens a session, and then, at once, statements in it with a request of any kind. */
function requestsSideBySide(any: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const opening: WireRequest = {
    ...PLAINLY,
    target: 'RedshiftData.ExecuteStatement',
    body: JSON.stringify({
      ClusterIdentifier: 'main',
      Database: 'postgres',
      DbUser: 'ann',
      Sql: 'select 1',
      SessionKeepAliveSeconds: 60,
      WaitTimeSeconds: 30,
    }),
  };
  const inSession = fc.oneof(
    ...API_OPERATIONS.filter(({ name }) => name.endsWith('ExecuteStatement')).map(({ name, input }) => {
      if (input.kind !== 'members') throw new Error(`${name} takes no members`);
      return membersOf(input, WORDS, { named: ['SessionId'], not: PLACES.flat() })
        .map(jsonOf)
        .map((body) => JSON.stringify({ ...PLAINLY, target: `RedshiftData.${name}`, body } satisfies WireRequest));
    }),
  );
  return fc
    .tuple(fc.array(inSession, { minLength: 2, maxLength: 3 }), any)
    .map(([statements, other]) => `[${[JSON.stringify(opening), ...statements, other].join()}]`);
}

/** Requests of all operations, mostly valid; one in eight inputs is a list, whose first is sent before the others. */
export function serverRequests(mutations: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const any = fc.oneof(...API_OPERATIONS.map((operation) => requestsOf(operation, mutations)));
  return fc.oneof({ weight: 7, arbitrary: any }, { weight: 1, arbitrary: requestsSideBySide(any) });
}
