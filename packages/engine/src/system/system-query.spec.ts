import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';
import { likeMatches } from './like.ts';

async function withTables() {
  const world = await World.withSales();
  const dba = world.as('dba', 'dba');
  for (const name of ['delta', 'alpha', 'charlie', 'bravo']) await world.done(dba, `CREATE TABLE ${name} (a INTEGER)`);
  await world.done(dba, 'ALTER TABLE alpha SET ACCESS public; CREATE VIEW v AS SELECT * FROM alpha');
  const names = async (rest: string, parameters: Parameters<World['run']>[2] = []): Promise<unknown[]> => {
    const { results } = await world.done(dba, `SELECT name FROM system.tables ${rest}`, parameters);
    return results[0]?.rows.map(([name]) => name) ?? [];
  };
  return { world, dba, names };
}

describe('SELECT of the system schema', () => {
  it('orders, limits and skips', async () => {
    const { names } = await withTables();
    expect(await names('ORDER BY name')).toEqual(['alpha', 'bravo', 'charlie', 'delta', 'v']);
    expect(await names('ORDER BY name DESC LIMIT 2')).toEqual(['v', 'delta']);
    expect(await names('ORDER BY 1 LIMIT 2 OFFSET 1')).toEqual(['bravo', 'charlie']);
    expect(await names('ORDER BY access DESC, name LIMIT 1')).toEqual(['alpha']);
    expect(await names('ORDER BY name LIMIT $1', [1])).toEqual(['alpha']);
    expect(await names('LIMIT 0')).toEqual([]);
    expect(await names('ORDER BY name LIMIT NULL OFFSET 4')).toEqual(['v']);
  });

  it('filters, with NULL as unknown', async () => {
    const { names } = await withTables();
    expect(await names("WHERE kind = 'view'")).toEqual(['v']);
    expect(await names("WHERE kind <> 'table' OR access = 'public' ORDER BY name")).toEqual(['alpha', 'v']);
    expect(await names("WHERE name IN ('bravo', 'none')")).toEqual(['bravo']);
    expect(await names("WHERE name NOT IN ('bravo', NULL)")).toEqual([]);
    expect(await names("WHERE name LIKE '%a' AND NOT name LIKE 'a%' ORDER BY name")).toEqual(['delta']);
    expect(await names("WHERE name ILIKE 'ALP__'")).toEqual(['alpha']);
    expect(await names("WHERE name NOT LIKE '%a%' AND name >= 'a' ORDER BY name")).toEqual(['v']);
    expect(await names('WHERE name = $1', ['charlie'])).toEqual(['charlie']);
    expect(await names('WHERE name = NULL OR owner_id IS NULL')).toEqual([]);
    expect(await names('WHERE NOT (name = NULL)')).toEqual([]);
    expect(await names("WHERE (name < 'b') AND owner_id IS NOT NULL")).toEqual(['alpha']);
  });

  it('gives columns by name, alias and star, and counts', async () => {
    const { world, dba } = await withTables();
    const { results } = await world.done(dba, 'SELECT t.name AS n, t.* FROM system.tables AS t ORDER BY n LIMIT 1');
    expect(results[0]?.columns.map(({ name }) => name)).toEqual([
      'n',
      'namespace',
      'name',
      'kind',
      'owner_id',
      'access',
      'created_at',
      'updated_at',
    ]);
    expect(await world.rows(dba, "SELECT count(*) FROM system.tables WHERE kind = 'table'")).toEqual([[4n]]);
    const { results: counted } = await world.done(dba, 'SELECT count(*) AS n FROM system.tables');
    expect(counted[0]?.columns).toEqual([{ name: 'n', type: 'BIGINT' }]);
    expect(await world.rows(dba, "SELECT value FROM system.stats WHERE value > 4 AND name = 'tables'")).toEqual([[5]]);
  });

  it.each([
    ['SELECT * FROM system.missing', 'not_found'],
    ['SELECT missing FROM system.tables', 'not_found'],
    ['SELECT x.name FROM system.tables AS t', 'not_found'],
    ['SELECT name FROM system.tables ORDER BY missing', 'not_found'],
    ['SELECT name FROM system.tables ORDER BY 2', 'invalid_argument'],
    ['SELECT name FROM system.tables LIMIT -1', 'invalid_argument'],
    ["SELECT name FROM system.tables LIMIT 'x'", 'invalid_argument'],
    ['SELECT name FROM system.tables, alpha', 'unsupported_statement'],
    ['SELECT a.name FROM system.tables a JOIN system.users b ON true', 'unsupported_statement'],
    ['SELECT name FROM (SELECT * FROM system.tables) s', 'unsupported_statement'],
    ['WITH s AS (SELECT * FROM system.tables) SELECT * FROM s', 'unsupported_statement'],
    ['SELECT DISTINCT kind FROM system.tables', 'unsupported_statement'],
    ['SELECT kind, count(*) FROM system.tables GROUP BY kind', 'unsupported_statement'],
    ['SELECT lower(name) FROM system.tables', 'unsupported_statement'],
    ["SELECT count(*) FILTER (WHERE kind = 'view') FROM system.tables", 'unsupported_statement'],
    ['SELECT count(*) OVER () FROM system.tables', 'unsupported_statement'],
    ['SELECT name FROM system.tables ORDER BY name USING >', 'unsupported_statement'],
    ['SELECT name FROM system.tables ORDER BY kind FETCH FIRST 1 ROW WITH TIES', 'unsupported_statement'],
    ['SELECT name FROM system.tables WHERE name OPERATOR("hasOwnProperty".=) \'x\'', 'unsupported_statement'],
    ['SELECT name FROM system.tables WHERE lower(name) = $1', 'unsupported_statement'],
    ['SELECT name FROM system.tables UNION SELECT name FROM system.tables', 'unsupported_statement'],
    ['EXPLAIN SELECT name FROM system.tables', 'unsupported_statement'],
    ["INSERT INTO system.users VALUES ('x')", 'forbidden'],
    ['DELETE FROM system.audit_log', 'forbidden'],
    ["UPDATE system.users SET role = 'system'", 'forbidden'],
    ['INSERT INTO alpha SELECT 1 FROM system.users', 'forbidden'],
  ] as const)('%s is refused', async (sql, code) => {
    const { world, dba } = await withTables();
    world.duck.requests.length = 0;
    const parameters = sql.includes('$1') ? ['x'] : [];
    const error = await world.errorOf(() => world.run(dba, sql, parameters));
    expect(error.code).toBe(code);
    expect(world.duck.requests).toEqual([]);
  });
});

describe('LIKE', () => {
  it.each([
    ['', '', true],
    ['', '%', true],
    ['a', '_', true],
    ['ab', '_', false],
    ['abc', 'a%c', true],
    ['abcabd', '%ab_', true],
    ['a%', 'a\\%', true],
    ['ab', 'a\\%', false],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['line\nbreak', 'line%', true],
    ['😀', '_', true],
  ])('%j like %j is %p', (text, pattern, expected) => {
    expect(likeMatches(text, pattern)).toBe(expected);
  });

  it('takes no exponential time', () => {
    expect(likeMatches('a'.repeat(2000), `${'%a'.repeat(50)}%b`)).toBe(false);
  });
});
