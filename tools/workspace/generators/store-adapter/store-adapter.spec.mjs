import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../command.mjs';
import { WorkspaceCopy } from './workspace-copy.fixture.mjs';

const NAME = 'frost-box';
const FOLDER = `packages/store-${NAME}`;
const PAGE = `docs/adapters/${NAME}.md`;
const MINUTES_MS = 180_000;

let copy;
let rulesBefore;
let generated;
let tested;

function generate(...args) {
  return copy.run('nx', ['generate', '@mooring/workspace:store-adapter', ...args]);
}

/** What the rules of the repository object to. A line may be about the work of somebody else. */
async function violations() {
  const { output } = await copy.node(['tools/checks/dist/main.js']);
  if (!/\d+ rules, \d+ violations/.test(output)) throw new Error(`the rules did not run:\n${output}`);
  return output.split('\n').filter((line) => /\[[a-z-]+\]$/.test(line));
}

function read(path) {
  return readFileSync(join(copy.root, path), 'utf8');
}

/** Each test of the new package: its topic, its name, and what it failed with. */
async function runTests() {
  const file = join(copy.root, 'results.json');
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '../../node_modules/jest/bin/jest.js',
  ];
  const { code } = await copy.node([...jest, '--json', '--outputFile', file], FOLDER);
  const suites = JSON.parse(readFileSync(file, 'utf8')).testResults;
  const tests = suites.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length === 0
      ? [{ suite: name, topic: '', title: 'could not run', failure: message }]
      : assertionResults.map(({ ancestorTitles, title, status, failureMessages }) => ({
          suite: name,
          topic: new RegExp(`^${NAME}: (.*)`).exec(ancestorTitles[0] ?? '')?.[1] ?? '',
          title,
          failure: status === 'passed' ? undefined : failureMessages.join('\n'),
        })),
  );
  return { code, tests };
}

beforeAll(async () => {
  copy = WorkspaceCopy.make();
  const { code, output } = await copy.run('tsc', ['-b', 'tools/checks/tsconfig.json']);
  if (code !== 0) throw new Error(output);
  rulesBefore = await violations();
  generated = await generate(NAME, '--skip-install');
}, MINUTES_MS);

afterAll(() => copy?.remove());

describe('nx g @mooring/workspace:store-adapter', () => {
  it('makes a package and its page, enters them where packages are listed, and says what is next', () => {
    expect(generated.code).toBe(0);
    expect(generated.output).toContain(`CREATE ${FOLDER}/src/${NAME}-store.ts`);
    const updated = [...generated.output.matchAll(/^UPDATE (.*)$/gm)].map((match) => match[1]);
    expect(new Set(updated)).toEqual(new Set(['docs/architecture.md', 'tsconfig.json']));
    expect(generated.output).toMatch(
      /Next:[^]*npm install\n[^]*sessions-lifecycle[^]*docs\/how-to\/add-a-store-adapter\.md/,
    );
    expect(existsSync(join(ROOT, FOLDER))).toBe(false);
  });

  it('makes a page with the headings of all adapters', () => {
    const headings = [...read(PAGE).matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(['When to use', 'Guarantees', 'Setup', 'Options', 'Schema', 'Operating', 'Limits']);
  });

  it('makes a package that compiles', async () => {
    const { code, output } = await copy.run('tsc', ['-b', `${FOLDER}/tsconfig.json`, `${FOLDER}/tsconfig.spec.json`]);
    expect([code, output]).toEqual([0, '']);
    expect(existsSync(join(copy.root, FOLDER, 'dist/index.js'))).toBe(true);
  }, 60_000);

  it('makes nothing that a rule, the linter or the formatter objects to', async () => {
    expect((await violations()).filter((line) => !rulesBefore.includes(line))).toEqual([]);
    const lint = await copy.run('oxlint', ['--type-aware', '--deny-warnings', FOLDER]);
    expect([lint.code, lint.output]).toEqual([0, expect.stringContaining('Found 0 warnings and 0 errors')]);
    const format = await copy.run('oxfmt', ['--check', FOLDER, PAGE, 'docs/architecture.md', 'tsconfig.json']);
    expect([format.code, format.output]).toEqual([0, expect.stringContaining('All matched files')]);
  }, 60_000);

  it('leaves no operation out, and none that does nothing', () => {
    const roles = ['limits', 'attempts', 'budgets', 'leases', `sessions/${NAME}-sessions`, `pool/${NAME}-session-pool`];
    const methods = roles.flatMap((role) =>
      read(`${FOLDER}/src/${role}.ts`)
        .split(/(?=const operation = ')/)
        .slice(1),
    );
    expect(methods).toHaveLength(28);
    for (const method of methods)
      expect(method).toMatch(/return this\.database\.run\(\s*operation,\s*unwritten\(operation, /);
  });

  it('makes a conformance spec that fails with what is missing, where it belongs and what it must do', async () => {
    const { code, tests } = await (tested ??= runTests());
    const failed = tests.filter(({ topic, failure }) => topic !== '' && failure !== undefined);
    expect(code).toBe(1);
    expect(failed.length).toBeGreaterThan(200);
    expect(failed[0]).toMatchObject({
      topic: 'sessions-lifecycle',
      failure: expect.stringContaining(
        `${NAME} sessions.create: not written yet. Write it in ${FOLDER}/src/sessions/${NAME}-sessions.ts: insert `,
      ),
    });
    const unusual = failed.filter(
      ({ failure }) => !/StoreError: frost-box [\w.]+: not written yet\. Write it in /.test(failure),
    );
    expect(unusual).toEqual([]);
    for (const { failure } of failed) {
      const [, file] = /Write it in (\S+):/.exec(failure) ?? [];
      expect([file, existsSync(join(copy.root, file ?? ''))]).toEqual([file, true]);
      expect(failure).toContain(`(${join(copy.root, file ?? '')}:`);
    }
  }, 60_000);

  it('makes a package whose other tests pass: its public API, the arguments that it refuses, its end', async () => {
    const { tests } = await (tested ??= runTests());
    const passed = tests.filter(({ failure }) => failure === undefined);
    const counts = (topic) => passed.filter((test) => test.topic === topic).length;
    expect(passed.some(({ suite }) => suite.endsWith('public-api.spec.ts'))).toBe(true);
    expect(passed.filter(({ title }) => title.startsWith('S-09: a session is refused')).length).toBeGreaterThan(10);
    expect(Math.min(counts('limits'), counts('attempts'), counts('budgets'))).toBeGreaterThan(0);
    expect(counts('sessions-lifecycle')).toBe(0);
    const failed = tests.filter(({ topic, failure }) => topic === '' && failure !== undefined);
    expect(failed.map(({ title }) => title)).toEqual(['says of this adapter what it declares']);
  }, 60_000);

  it('makes a harness that says why it gives the kit no more than clients', async () => {
    const { tests } = await (tested ??= runTests());
    const left = tests.filter(({ title }) => title.includes('does not apply: '));
    expect(left.length).toBeGreaterThan(20);
    for (const { title } of left)
      expect(title).toMatch(/does not apply: (comes after the operations|it writes no log)\)/);
  }, 60_000);

  it('is followed by a how-to that puts every topic of the kit in an order', async () => {
    const { tests } = await (tested ??= runTests());
    const topics = new Set(tests.map(({ topic }) => topic).filter((topic) => topic !== ''));
    const table =
      read('docs/how-to/add-a-store-adapter.md').split('| topics, in this order')[1]?.split('\n\n')[0] ?? '';
    const ordered = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)]);
    expect(new Set(ordered.map((match) => match[1]))).toEqual(topics);
    expect(ordered[0]?.[1]).toBe('sessions-lifecycle');
  }, 60_000);

  it('writes nothing in a dry run', async () => {
    const before = read('tsconfig.json');
    const { code, output } = await generate('snow-box', '--dry-run');
    expect([code, output]).toEqual([0, expect.stringContaining('CREATE packages/store-snow-box/package.json')]);
    expect(existsSync(join(copy.root, 'packages/store-snow-box'))).toBe(false);
    expect(read('tsconfig.json')).toBe(before);
  }, 60_000);

  it.each([
    [NAME, `There is ${FOLDER} already`],
    ['store-acme', 'leave out "store"'],
  ])(
    'refuses %j',
    async (name, reason) => {
      const before = read('docs/architecture.md');
      const { code, output } = await generate(name, '--skip-install');
      expect([code, output]).toEqual([1, expect.stringContaining(reason)]);
      expect(read('docs/architecture.md')).toBe(before);
    },
    60_000,
  );
});
