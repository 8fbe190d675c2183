import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, installed, print, runCommand } from './command.mjs';
import { startServices } from './services.mjs';
import { COUNTS_FOLDER, sumCounts } from './test-counts.mjs';

const NX = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };

async function runQuietly(command, args) {
  const { code, output } = await runCommand(command, args, { capture: true });
  if (code !== 0) print(output.trim());
  return code === 0;
}

async function listTestProjects(selection) {
  const select = selection.length === 0 ? [] : ['--projects', selection.join(',')];
  const args = ['show', 'projects', '--with-target', 'test', '--json', ...select];
  const { code, output } = await runCommand(installed('nx'), args, { capture: true, env: NX });
  if (code !== 0) throw new Error(`nx can't list the projects:\n${output}`);
  const names = JSON.parse(output.slice(output.indexOf('[')));
  if (names.length === 0) throw new Error(`no project matches ${selection.join(', ') || 'anything'}`);
  return names;
}

function reportSkipped(counts) {
  for (const { project, name } of counts.skipped) print(`skipped in ${project}: ${name}`);
  if (!process.env.CI || counts.required.length === 0) return true;
  print(
    `${counts.required.length} skipped where nothing may be: a reason is given as "[optional: …]" in the test's name.`,
  );
  return false;
}

async function runTests({ projects, jestArgs, counts }) {
  const names = await listTestProjects(projects);
  const services = await startServices();
  for (const line of services.lines) print(`services: ${line}`);
  for (const refusal of services.refusals) print(refusal);
  const cores = availableParallelism();
  // More than there are cores: about half of the tests' time is waiting for a server or a deadline.
  const parallel = Math.min(3, cores) + 2;
  const folder = mkdtempSync(join(tmpdir(), 'mooring-counts-'));
  try {
    const nx = ['run-many', '-t', 'test', '--projects', names.join(','), '--parallel', String(parallel)];
    const options = ['--exclude-task-dependencies', '--skip-nx-cache', '--output-style', 'static'];
    const jest = ['--', '--max-workers', String(Math.max(1, Math.floor(cores / parallel))), ...jestArgs];
    const { code } = await runCommand(installed('nx'), [...nx, ...options, ...jest], {
      env: { ...NX, ...services.env, [COUNTS_FOLDER]: folder },
    });
    Object.assign(counts, sumCounts(folder));
    const silent = names.filter((name) => !counts.projects.includes(name));
    if (silent.length > 0) print(`no tests ran in ${silent.join(', ')}`);
    counts.failures.push(...silent.map((project) => ({ project, file: '', name: '(no tests ran)', message: [] })));
    return reportSkipped(counts) && code === 0 && silent.length === 0 && services.refusals.length === 0;
  } finally {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The steps of a check, in order. Each prints only what is wrong (tests: everything) and says whether it passed.
 * @type {readonly { name: string, purpose: string, run(context: object): Promise<boolean> }[]}
 */
export const STEPS = [
  {
    name: 'format',
    purpose: 'oxfmt --check',
    run: () => runQuietly(installed('oxfmt'), ['--check', '.']),
  },
  { name: 'types', purpose: 'tsc -b', run: () => runQuietly(installed('tsc'), ['-b']) },
  {
    name: 'lint',
    purpose: 'oxlint, type-aware',
    run: () => runQuietly(installed('oxlint'), ['--type-aware', '--deny-warnings', 'packages', 'apps', 'tools']),
  },
  {
    name: 'checks',
    purpose: 'the rules of the repository, tools/checks',
    run: () => runQuietly(process.execPath, [join(ROOT, 'tools', 'checks', 'dist', 'main.js')]),
  },
  { name: 'test', purpose: 'the tests of every project, on real servers', run: runTests },
];
