import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import TestCounts, { COUNTS_FOLDER, sumCounts } from './test-counts.mjs';

let clone;
let folder;
let before;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'mooring-spec-'));
  folder = join(clone, 'counts');
  before = process.env[COUNTS_FOLDER];
  process.env[COUNTS_FOLDER] = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env[COUNTS_FOLDER];
  else process.env[COUNTS_FOLDER] = before;
  rmSync(clone, { recursive: true });
});

function complete(name, { passed = 0, failed = 0, broken = 0, tests = [], suites = [] }) {
  const rootDir = join(clone, name);
  mkdirSync(rootDir, { recursive: true });
  writeFileSync(join(rootDir, 'package.json'), JSON.stringify({ name }));
  new TestCounts({ rootDir }).onRunComplete(new Set(), {
    numPassedTests: passed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: broken,
    testResults: [{ testFilePath: join(rootDir, 'src', 'tests.spec.ts'), testResults: tests }, ...suites],
  });
}

it('adds up runs, with a suite that could not run as a failure', () => {
  complete('@clone/one', { passed: 3, failed: 1, broken: 1 });
  complete('@clone/two', { passed: 4, tests: [{ status: 'passed', fullName: 'fine' }] });
  expect(sumCounts(folder)).toEqual({
    projects: ['@clone/one', '@clone/two'],
    passed: 7,
    failed: 2,
    failures: [],
    skipped: [],
    required: [],
  });
});

it('keeps the names of skipped tests, and which of them may be', () => {
  const tests = [
    { status: 'pending', fullName: 'speaks to the CLI [optional: needs the AWS CLI]' },
    { status: 'pending', fullName: 'revokes' },
    { status: 'todo', fullName: 'rotates' },
  ];
  complete('@clone/one', { tests });
  const counts = sumCounts(folder);
  expect(counts.skipped).toHaveLength(3);
  expect(counts.required.map(({ name }) => name)).toEqual(['revokes', 'rotates']);
});

it('keeps what failed: tests, and suites that could not run', () => {
  const red =
    'Error: \u001b[31mexpected\u001b[39m 1\n\n  but it was 2\n    at a\n    at b\n    at c\n    at d\n    at e';
  const suite = {
    testFilePath: join(clone, '@clone/one', 'src', 'broken.spec.ts'),
    testExecError: {},
    failureMessage: 'no such module',
    testResults: [],
  };
  const tests = [
    { status: 'failed', fullName: 'revokes', failureMessages: [red] },
    { status: 'passed', fullName: 'rotates' },
  ];
  complete('@clone/one', { tests, suites: [suite] });
  expect(sumCounts(folder).failures).toEqual([
    {
      project: '@clone/one',
      file: join('src', 'tests.spec.ts'),
      name: 'revokes',
      message: ['Error: expected 1', '  but it was 2', '    at a', '    at b', '    at c', '    at d'],
    },
    {
      project: '@clone/one',
      file: join('src', 'broken.spec.ts'),
      name: '(could not run)',
      message: ['no such module'],
    },
  ]);
});
