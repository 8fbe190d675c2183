import { parseArgs } from 'node:util';
import { print } from './command.mjs';
import { ensureInstalled } from './install.mjs';
import { STEPS } from './steps.mjs';
import { describeFailures } from './test-failures.mjs';

const USAGE = `Usage: npm test -- [options] [-- <argument of Jest> …]

Installs what is missing, then runs every step; a failed one does not keep the next from running.

  --only <step>[,<step>]        only these steps
  --projects <name>[,<name>]    tests of these projects only (names or patterns as nx takes them)
  --help

Steps:
${STEPS.map(({ name, purpose }) => `  ${name.padEnd(30)}${purpose}`).join('\n')}

Servers: MOORING_TEST_POSTGRES_URL and MOORING_TEST_REDIS_URL name servers to use; else they are started.
With CI=true a skipped test is a failure, unless its name says [optional: why].
What failed is named at the end. The last line is always "N passed, N failed, N skipped".`;

function splitList(values) {
  return (values ?? []).flatMap((value) => value.split(',')).filter((value) => value !== '');
}

function readArguments(argv) {
  const at = argv.indexOf('--');
  const jestArgs = at < 0 ? [] : argv.slice(at + 1);
  const { values } = parseArgs({
    args: at < 0 ? argv : argv.slice(0, at),
    options: {
      only: { type: 'string', multiple: true },
      projects: { type: 'string', multiple: true, short: 'p' },
      help: { type: 'boolean' },
    },
  });
  const only = splitList(values.only);
  const unknown = only.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`);
  const steps = only.length === 0 ? STEPS : STEPS.filter(({ name }) => only.includes(name));
  const projects = splitList(values.projects).map((name) => (/[@*!:]/.test(name) ? name : `@mooring/${name}`));
  return { help: values.help === true, steps, projects, jestArgs };
}

async function runStep(step, context) {
  const started = performance.now();
  print(`\n== ${step.name}: ${step.purpose}`);
  let passed = false;
  try {
    passed = await step.run(context);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
  }
  return { name: step.name, passed, seconds: ((performance.now() - started) / 1000).toFixed(1) };
}

const INSTALL = {
  name: 'install',
  purpose: 'node_modules is what package-lock.json says',
  run: async () => {
    await ensureInstalled();
    return true;
  },
};

async function main() {
  const started = performance.now();
  const { help, steps, projects, jestArgs } = readArguments(process.argv.slice(2));
  if (help) {
    print(USAGE);
    return;
  }
  const counts = { passed: 0, failed: 0, skipped: [], failures: [] };
  const results = [await runStep(INSTALL, {})];
  for (const step of results[0].passed ? steps : []) results.push(await runStep(step, { projects, jestArgs, counts }));
  print('');
  for (const { name, passed, seconds } of results)
    print(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds} s`);
  print(`total ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (results.some(({ passed }) => !passed)) process.exitCode = 1;
  for (const line of describeFailures(counts.failures)) print(line);
  print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
}

try {
  await main();
} catch (error) {
  print(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
