import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFailures } from './test-failures.mjs';

/** Names the folder where every Jest run leaves its counts. */
export const COUNTS_FOLDER = 'MOORING_TEST_COUNTS';

/** A test that is skipped says in its name that it may be, and why: `… [optional: needs the AWS CLI]`. */
const MAY_BE_SKIPPED = /\[optional: [^\]]+\]/;

/**
 * What one Jest run did. A suite that could not run is one failure.
 * @param {string} project
 * @param {string} rootDir the project's folder
 * @param {object} results Jest's aggregated result
 */
function countRun(project, rootDir, results) {
  const all = results.testResults.flatMap((suite) => suite.testResults);
  const skipped = all.filter(({ status }) => ['pending', 'skipped', 'todo', 'disabled'].includes(status));
  return {
    project,
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: skipped.map(({ fullName }) => fullName),
    failures: listFailures(rootDir, results),
  };
}

/** How long Jest may take to end after its last test. */
const EXIT_GRACE_MS = 60_000;

const LEFT_OPEN =
  "A test left a connection, server or timer open, so Jest can't end. " +
  'Remedy: close it in afterAll; --detectOpenHandles finds it.';

/** Ends a run that something left open keeps alive, as a failure; does not keep it alive itself. */
function guardExit(file, run) {
  const timer = setTimeout(() => {
    process.stderr.write(`${run.project}: ${LEFT_OPEN}\n`);
    const failures = [...run.failures, { file: '', name: '(does not end)', message: [LEFT_OPEN] }];
    writeFileSync(file, JSON.stringify({ ...run, failed: run.failed + 1, failures }));
    process.exit(1);
  }, EXIT_GRACE_MS);
  timer.unref();
}

/** A Jest reporter that leaves the counts of its run in a folder, when one is named. */
export default class TestCounts {
  #project;
  #rootDir;

  constructor({ rootDir }) {
    this.#rootDir = rootDir;
    this.#project = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')).name;
  }

  onRunComplete(_contexts, results) {
    const folder = process.env[COUNTS_FOLDER];
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${this.#project.replaceAll(/\W/g, '-')}-${process.pid}.json`);
    const run = countRun(this.#project, this.#rootDir, results);
    writeFileSync(file, JSON.stringify(run));
    guardExit(file, run);
  }
}

/** Adds up what all runs left in a folder. */
export function sumCounts(folder) {
  const runs = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const skipped = runs.flatMap((run) => run.skipped.map((name) => ({ project: run.project, name })));
  return {
    projects: runs.map(({ project }) => project).sort(),
    passed: runs.reduce((sum, { passed }) => sum + passed, 0),
    failed: runs.reduce((sum, { failed }) => sum + failed, 0),
    failures: runs.flatMap(({ project, failures }) => failures.map((failure) => ({ project, ...failure }))),
    skipped,
    /** Skipped without saying that they may be. */
    required: skipped.filter(({ name }) => !MAY_BE_SKIPPED.test(name)),
  };
}
