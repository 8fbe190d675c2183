import { expect, it } from '@jest/globals';
import { runCommand } from './command.mjs';

function check(...args) {
  return runCommand(process.execPath, ['tools/workspace/check.mjs', ...args], { capture: true });
}

it('explains itself', async () => {
  const { code, output } = await check('--help');
  expect(code).toBe(0);
  expect(output).toMatch(/--only[^]*--projects[^]*format[^]*types[^]*lint[^]*checks[^]*test/);
});

it('refuses a step that does not exist', async () => {
  const { code, output } = await check('--only', 'tests');
  expect(code).toBe(2);
  expect(output).toContain('no such step: tests');
});

it('fails, and still ends with the counts, when no project matches', async () => {
  const { code, output } = await check('--only', 'test', '--projects', 'no-such-project');
  expect(code).toBe(1);
  expect(output).toContain('FAILED test');
  expect(output.trimEnd().split('\n').at(-1)).toBe('0 passed, 0 failed, 0 skipped');
});

it('runs one project and counts its tests', async () => {
  const { code, output } = await check('--only', 'test', '--projects', 'session-store', '--', 'public-api');
  expect(output.trimEnd().split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/);
  expect(code).toBe(0);
});

it('names what failed just before the last line', async () => {
  const { code, output } = await check('--only', 'test', '--projects', 'session-store', '--', 'no-such-spec');
  expect(output.trimEnd().split('\n').slice(-3)).toEqual([
    'failed:',
    '  @mooring/session-store › (no tests ran)',
    '0 passed, 0 failed, 0 skipped',
  ]);
  expect(code).toBe(1);
});
