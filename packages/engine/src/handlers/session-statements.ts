import { getNamespace, placeOf } from '../access/statement-access.ts';
import { forbidden } from '../access/privileges.ts';
import { shown } from '../catalog/names.ts';
import { EngineError } from '../errors.ts';
import { doneOutcome, engineOutcome } from '../executor/outcome.ts';
import type { Outcome } from '../executor/outcome.ts';
import { settled } from '../executor/sql-session.ts';
import type { StatementHandler, StatementRun } from '../executor/statement-handler.ts';
import { requestOf, runOn } from './run-on.ts';

/** The one setting that is ours: how long a statement may run, in milliseconds as in PostgreSQL. */
const STATEMENT_TIMEOUT = 'statement_timeout';
/** What RESET ALL is read as. */
const ALL = 'all';

/** BEGIN, COMMIT, ROLLBACK: in a pinned session, or within one batch. */
export const transactionStatements: StatementHandler<'begin' | 'commit' | 'rollback', void> = {
  kinds: ['begin', 'commit', 'rollback'],

  async authorize({ kind }, run) {
    assertKeepsState(run, kind.toUpperCase());
  },

  async execute({ kind }, run) {
    const { session } = run;
    if (kind === 'begin') {
      const { engine, place } = await placeOf(run, namespaceOfSession(run));
      await session.begin(engine, place, requestOf(run));
    } else await session.end(kind === 'commit' ? 'COMMIT' : 'ROLLBACK', requestOf(run));
    return doneOutcome(kind.toUpperCase(), null);
  },
};

export const useNamespace: StatementHandler<'use_namespace', string> = {
  kinds: ['use_namespace'],

  async authorize({ name }, run) {
    assertKeepsState(run, 'USE NAMESPACE');
    return (await getNamespace(run, name)).name;
  },

  async execute(_, { session }, name) {
    session.use(name);
    return doneOutcome(`the namespace is ${name}`, null);
  },
};

/** SET and RESET, which end with their session. */
export const settings: StatementHandler<'set' | 'reset', void> = {
  kinds: ['set', 'reset'],

  async authorize(statement, run) {
    assertKeepsState(run, statement.kind.toUpperCase());
    const { name } = statement;
    if (name === STATEMENT_TIMEOUT || (statement.kind === 'reset' && name === ALL)) return;
    const { engine } = await placeOf(run, namespaceOfSession(run));
    if (!engine.allowsSetting(name)) throw forbidden(`${shown(name)} can't be set here`);
  },

  async execute(statement, run) {
    const { session } = run;
    const { name, text } = statement;
    if (name === STATEMENT_TIMEOUT) {
      session.timeoutMs = statement.kind === 'set' ? timeoutFrom(statement.value, run) : undefined;
      return doneOutcome(statement.kind.toUpperCase(), null);
    }
    if (statement.kind === 'reset' && name === ALL) return resetAll(run);
    const result = await runOn(run, await placeOf(run, namespaceOfSession(run)), text);
    session.noteSetting(name, statement.kind === 'set');
    return engineOutcome(result);
  },
};

async function resetAll(run: StatementRun): Promise<Outcome> {
  const { session } = run;
  session.timeoutMs = undefined;
  for (const name of session.settingNames) {
    await settled(await runOn(run, await placeOf(run, namespaceOfSession(run)), `RESET ${name}`));
    session.noteSetting(name, false);
  }
  return doneOutcome('RESET', null);
}

function timeoutFrom(value: string, { engine }: StatementRun): number {
  const { longestStatementMs } = engine.options;
  const timeoutMs = Number(value);
  if (/^\d+$/.test(value) && timeoutMs >= 1 && timeoutMs <= longestStatementMs) return timeoutMs;
  const message = `${STATEMENT_TIMEOUT} is a whole number of milliseconds from 1 to ${longestStatementMs}`;
  throw new EngineError({ code: 'invalid_argument', message });
}

function namespaceOfSession({ session }: StatementRun): string {
  if (session.namespace !== undefined) return session.namespace;
  const message = 'no namespace: name one in the request, or USE one in the session';
  throw new EngineError({ code: 'invalid_argument', message });
}

function assertKeepsState({ session }: StatementRun, what: string): void {
  if (session.keepsState) return;
  const message = `${what} alone has no effect: send it in one batch with the statements it is for, or in a session`;
  throw new EngineError({ code: 'invalid_argument', message });
}
