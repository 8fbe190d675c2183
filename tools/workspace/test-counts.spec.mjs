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

function complete(name, { passed = 0, failed = 0, broken = 0, tests = [] }) {
  const rootDir = join(clone, name);
  mkdirSync(rootDir, { recursive: true });
  writeFileSync(join(rootDir, 'package.json'), JSON.stringify({ name }));
  new TestCounts({ rootDir }).onRunComplete(new Set(), {
    numPassedTests: passed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: broken,
    testResults: [{ testResults: tests }],
  });
}

it('adds up runs, with a suite that could not run as a failure', () => {
  complete('@clone/one', { passed: 3, failed: 1, broken: 1 });
  complete('@clone/two', { passed: 4, tests: [{ status: 'passed', fullName: 'fine' }] });
  expect(sumCounts(folder)).toEqual({
    projects: ['@clone/one', '@clone/two'],
    passed: 7,
    failed: 2,
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
