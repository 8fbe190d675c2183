import { validation } from '../errors.ts';
import { constraint } from '../input.ts';
import type { Input } from '../input.ts';
import { assertNoPlace, placeOf } from '../place.ts';
import type { Session } from '../sessions.ts';
import { parameterNames } from '../sql/parameters.ts';
import { hasNoStatement, hasSeveralStatements } from '../sql/tokens.ts';
import type { Parameter, Statement, StatementInput } from '../statement.ts';
import { untilEnded, waitSecondsOf } from './long-poll.ts';
import { seconds } from './operations.ts';
import type { Call, Operation, OperationParts } from './operations.ts';

const LONGEST_KEEP_ALIVE_SECONDS = 86_400;
const MOST_STATEMENTS = 40;

/** ExecuteStatement and BatchExecuteStatement: accept now, run later. */
export function submitOperations(
  parts: OperationParts,
): Record<'ExecuteStatement' | 'BatchExecuteStatement', Operation> {
  const submit = async (call: Call, sqls: readonly string[], batch: boolean): Promise<object> => {
    const waitSeconds = waitSecondsOf(call);
    const statement = accept(parts, call, sqls, batch);
    // The submitting calls have no error for too many waiters, so theirs are not counted.
    await untilEnded(statement, waitSeconds, call.gone);
    return answer(statement, waitSeconds !== undefined);
  };
  return {
    ExecuteStatement: (call) => submit(call, [call.input.requiredText('Sql')], false),
    BatchExecuteStatement: (call) => submit(call, sqlsOf(call.input), true),
  };
}

/** In the service's order: first the session must be free, then a known client token answers what it answered before. */
function accept(parts: OperationParts, call: Call, sqls: readonly string[], batch: boolean): Statement {
  const { input, principal } = call;
  const owner = principal;
  const keepAlive = input.integer('SessionKeepAliveSeconds', 0, LONGEST_KEEP_ALIVE_SECONDS);
  const sessionId = input.sessionId();
  const clientToken = input.text('ClientToken', { least: 1, most: 64 });
  const about = statementInput(parts, call, sqls, batch);
  if (sessionId !== undefined) assertNoPlace(input);
  const reused = sessionId === undefined ? undefined : parts.sessions.free(sessionId, owner);
  const place = reused?.place ?? placeOf(input, principal, parts.options);
  const known = parts.statements.ofToken(owner, clientToken);
  if (known !== undefined) return known;
  const session = reused ?? opened(parts, call, place, keepAlive);
  if (reused !== undefined && keepAlive !== undefined) reused.keepAliveSeconds = keepAlive;
  try {
    const statement = parts.statements.add(
      { ...about, place, ...(session === undefined ? {} : { session }) },
      clientToken,
    );
    parts.runner.start(statement);
    return statement;
  } catch (error) {
    if (session !== undefined && session !== reused) void parts.sessions.close(session);
    throw error;
  }
}

function opened(
  parts: OperationParts,
  { principal }: Call,
  place: StatementInput['place'],
  keepAlive: number | undefined,
): Session | undefined {
  return keepAlive === undefined || keepAlive === 0 ? undefined : parts.sessions.open(principal, place, keepAlive);
}

function statementInput(
  parts: OperationParts,
  { input, principal }: Call,
  sqls: readonly string[],
  batch: boolean,
): Omit<StatementInput, 'place'> {
  const name = input.text('StatementName', { most: 2048 });
  assertSqls(parts, sqls);
  input.flag('WithEvent', false);
  return {
    owner: principal,
    sqls,
    batch,
    mode: (batch ? input.oneOf('ExecutionMode', ['TRANSACTION', 'AUTO_COMMIT']) : undefined) ?? 'TRANSACTION',
    format: input.oneOf('ResultFormat', ['JSON', 'CSV']) ?? 'JSON',
    parameters: parametersOf(input, sqls),
    ...(name === undefined ? {} : { name }),
  };
}

function sqlsOf(input: Input): readonly string[] {
  const sqls = input.list('Sqls') ?? [];
  if (sqls.length === 0) throw constraint('Sqls', 'have length greater than or equal to 1');
  if (sqls.length > MOST_STATEMENTS) throw constraint('Sqls', `have length less than or equal to ${MOST_STATEMENTS}`);
  if (!sqls.every((sql) => typeof sql === 'string')) throw constraint('Sqls', 'be a list of strings');
  return sqls;
}

function assertSqls({ limits, options }: OperationParts, sqls: readonly string[]): void {
  const bytes = sqls.reduce((sum, sql) => sum + Buffer.byteLength(sql), 0);
  if (bytes > limits.maxSqlBytes) {
    throw validation(`SQL is too long: ${bytes} bytes, the maximum is ${limits.maxSqlBytes}.`);
  }
  for (const sql of sqls) {
    if (hasNoStatement(sql)) throw validation('SQL cannot be empty.');
    if (options.allowMultipleStatements !== true && hasSeveralStatements(sql)) {
      throw validation('Multiple SQL statements are not allowed in one Sql. Use BatchExecuteStatement.');
    }
  }
}

function parametersOf(input: Input, sqls: readonly string[]): readonly Parameter[] {
  const given = input.list('Parameters');
  if (given === undefined) return [];
  if (given.length === 0) throw constraint('Parameters', 'have length greater than or equal to 1');
  const parameters = given.map(parameterOf);
  const names = parameters.map(({ name }) => name);
  const seen = new Set<string>();
  const duplicate = names.find((name) => seen.size === seen.add(name).size);
  if (duplicate !== undefined)
    throw validation(`Parameters list contains duplicate parameters. Duplicate: [${duplicate}]`);
  const used = new Set(sqls.flatMap((sql) => parameterNames(sql)));
  const unused = names.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw validation(`Parameters list contains unused parameters. Unused parameters: [${unused.join(', ')}]`);
  }
  const missing = [...used].filter((name) => !seen.has(name));
  if (missing.length > 0) {
    throw validation(`Parameters list is missing parameters. Missing parameters: [${missing.join(', ')}]`);
  }
  return parameters;
}

function parameterOf(parameter: unknown): Parameter {
  const { name, value } = (parameter ?? {}) as { readonly name?: unknown; readonly value?: unknown };
  if (typeof name !== 'string' || !/^[0-9a-zA-Z_]+$/.test(name)) {
    throw constraint('Parameters', 'satisfy regular expression pattern in its name: ^[0-9a-zA-Z_]+$');
  }
  if (typeof value !== 'string' || value.length === 0) {
    throw constraint('Parameters', 'have a value of length greater than or equal to 1');
  }
  return { name, value };
}

function answer(statement: Statement, waited: boolean): object {
  const { place, session, owner } = statement.input;
  return {
    Id: statement.id,
    CreatedAt: seconds(statement.createdAt),
    ClusterIdentifier: place.cluster,
    WorkgroupName: place.workgroup,
    Database: place.database,
    DbUser: place.secretArn === undefined ? place.role : undefined,
    DbGroups: place.cluster === undefined || owner.dbGroups.length === 0 ? undefined : owner.dbGroups,
    SecretArn: place.secretArn,
    SessionId: session?.id,
    ...(waited ? { Status: statement.status, HasResultSet: statement.hasResultSet, RedshiftPid: statement.pid } : {}),
  };
}
