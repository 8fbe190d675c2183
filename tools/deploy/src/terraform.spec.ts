import { describe, expect, it } from '@jest/globals';
import { parse } from '@cdktf/hcl2json';
import { tableDefinition } from '@mooring/store-dynamodb';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEPLOY, WORKSPACE, filesBelow, readText } from './deployment-files.fixture.ts';

interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[] | string;
  readonly condition?: readonly {
    readonly test: string;
    readonly variable: string;
    readonly values: readonly string[];
  }[];
}

interface Block {
  readonly [name: string]: unknown;
}

interface Module {
  readonly resource: Readonly<Record<string, Readonly<Record<string, readonly Block[]>>>>;
  readonly data: Readonly<Record<string, Readonly<Record<string, readonly Block[]>>>>;
  readonly variable: Readonly<Record<string, readonly Block[]>>;
}

const text = filesBelow('terraform', /\.tf$/)
  .map((place) => readText(place))
  .join('\n');
const module = (await parse('module.tf', text)) as unknown as Module;
const table = module.resource['aws_dynamodb_table']?.['sessions']?.[0] as Record<string, Block[] & string>;

describe('the module', () => {
  it('uses what it declares', () => {
    const used = new Set([...text.matchAll(/\bvar\.([a-z_]+)/g)].map(([, name]) => name));
    expect(used).toEqual(new Set(Object.keys(module.variable)));
    const files = [...text.matchAll(/\$\{path\.module\}\/([^"]+)/g)].map(([, place = '']) => place);
    expect(files.filter((place) => !existsSync(join(DEPLOY, 'terraform', place)))).toEqual([]);
  });
});

describe('the table', () => {
  const definition = tableDefinition({ table: 'sessions' });
  const keys = (schema: typeof definition.KeySchema) =>
    Object.fromEntries(schema?.map(({ AttributeName, KeyType }) => [KeyType, AttributeName]) ?? []);

  it('has the keys, attributes and billing of the store', () => {
    expect({ HASH: table['hash_key'], RANGE: table['range_key'] }).toEqual(keys(definition.KeySchema));
    expect(table['billing_mode']).toBe(definition.BillingMode);
    expect(table['attribute']).toEqual(
      definition.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
        name: AttributeName,
        type: AttributeType,
      })),
    );
  });

  it('has its indexes', () => {
    expect(table['local_secondary_index']).toEqual(
      definition.LocalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
        name: IndexName,
        range_key: keys(KeySchema)['RANGE'],
        projection_type: Projection?.ProjectionType,
      })),
    );
    expect(table['global_secondary_index']).toEqual(
      definition.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
        name: IndexName,
        hash_key: keys(KeySchema)['HASH'],
        range_key: keys(KeySchema)['RANGE'],
        projection_type: Projection?.ProjectionType,
      })),
    );
  });

  it('lets DynamoDB collect by the time to live, and is kept', () => {
    expect(table['ttl']).toEqual([{ attribute_name: 'collectAt', enabled: true }]);
    expect(table).toMatchObject({ deletion_protection_enabled: true, point_in_time_recovery: [{ enabled: true }] });
  });

  it('may be used by what the store sends to a table that is there, and no more', () => {
    const sent = commandsOf('packages/store-dynamodb/src', /new (\w+)Command\(/g);
    const made = /^(CreateTable|DescribeTimeToLive|UpdateTimeToLive)$/;
    const names: Readonly<Record<string, string>> = {
      BatchGet: 'BatchGetItem',
      BatchWrite: 'BatchWriteItem',
      Delete: 'DeleteItem',
      Get: 'GetItem',
      Put: 'PutItem',
      Update: 'UpdateItem',
    };
    const needed = sent.filter((command) => !made.test(command)).map((command) => names[command] ?? command);
    const [statement] = statementsOf('table');
    expect(statement?.actions).toEqual(needed.map((name) => `dynamodb:${name}`).toSorted());
  });
});

describe('the policy of the warehouse', () => {
  const statements = statementsOf('warehouse');
  const ofTheDataApi = statements.filter(({ actions }) =>
    actions.some((action) => action.startsWith('redshift-data:')),
  );

  it('allows exactly the operations that redshift-sessions calls', () => {
    const called = commandsOf('packages/redshift-sessions/src', /new (\w+)Command\(/g);
    const allowed = ofTheDataApi.flatMap(({ actions }) => actions);
    expect(allowed.toSorted()).toEqual(called.map((operation) => `redshift-data:${operation}`).toSorted());
  });

  it('gives a role session its own statements and sessions only', () => {
    for (const { sid, condition } of ofTheDataApi) {
      const owner = sid === 'OwnStatements' ? 'statement' : 'session';
      expect({ sid, condition }).toEqual({
        sid,
        condition: [
          expect.objectContaining({
            variable: `redshift-data:${owner}-owner-iam-userid`,
            values: ['&{aws:userid}'],
          }),
        ],
      });
    }
  });

  it('names the place of everything but what can have none', () => {
    const everywhere = statements.filter(({ resources }) => resources.includes('*')).map(({ sid }) => sid);
    expect(everywhere).toEqual(['OwnStatements', 'OwnSessions']);
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });
});

function statementsOf(name: string): Statement[] {
  const [document] = module.data['aws_iam_policy_document']?.[name] ?? [];
  const { statement = [], dynamic = {} } = document as {
    statement?: Statement[];
    dynamic?: { statement?: { content: Statement[] }[] };
  };
  return [...statement, ...(dynamic.statement ?? []).flatMap(({ content }) => content)];
}

function commandsOf(folder: string, command: RegExp): string[] {
  const sources = readdirSync(join(WORKSPACE, folder), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(name),
  );
  const texts = sources.map((name) => readFileSync(join(WORKSPACE, folder, name), 'utf8'));
  return [...new Set(texts.flatMap((source) => [...source.matchAll(command)].map(([, name = '']) => name)))].toSorted();
}
