import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RULES, runChecks, type RuleResult } from './run-checks.ts';
import { loadWorkspace } from './workspace.ts';

const USAGE = `Usage: node tools/checks/dist/main.js [--rule <name>]… [--root <folder>] [--list]

Checks the rules of the repository. Exits with 0 when all hold, 1 when one is violated, 2 when it can't check.
`;

const OWN_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report(results: readonly RuleResult[]): number {
  const violations = results.flatMap(({ rule, violations: found }) =>
    found.map((violation) => ({ rule, ...violation })),
  );
  violations.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  for (const { rule, file, line, message, remedy } of violations) {
    print(`${file}:${line}  ${message}  [${rule}]\n    ${remedy}`);
  }
  for (const note of results.flatMap(({ notes = [] }) => notes)) print(note);
  print(`${results.length} rules, ${violations.length} violations`);
  return violations.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rule: { type: 'string', multiple: true },
      root: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    print(USAGE);
    return 0;
  }
  if (values.list === true) {
    for (const { name, purpose } of RULES) print(`${name.padEnd(24)}${purpose}`);
    return 0;
  }
  const unknown = (values.rule ?? []).filter((name) => !RULES.some((rule) => rule.name === name));
  if (unknown.length > 0) throw new Error(`no such rule: ${unknown.join(', ')}; --list names them`);
  const workspace = loadWorkspace(resolve(values.root ?? OWN_ROOT));
  const rules = values.rule === undefined ? RULES : RULES.filter(({ name }) => values.rule?.includes(name));
  return report(await runChecks(workspace, rules));
}

try {
  process.exitCode = await main();
} catch (error) {
  print(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
