import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkPlanted } from './planted-workspace.fixture.ts';
import { RULES, runChecks } from './run-checks.ts';
import { loadWorkspace } from './workspace.ts';

describe('all rules', () => {
  it('find nothing in a sound workspace, and every rule looks at something', async () => {
    const results = await checkPlanted({});
    expect(results.flatMap(({ violations }) => violations)).toEqual([]);
    expect(results.map(({ rule }) => rule)).toEqual(RULES.map(({ name }) => name));
    for (const { inspected } of results) expect(inspected).toBeGreaterThan(0);
  });

  it('fail when they see nothing', async () => {
    const root = mkdtempSync(join(tmpdir(), 'mooring-checks-'));
    writeFileSync(join(root, 'package.json'), JSON.stringify({ workspaces: ['elsewhere/*'] }));
    const results = await runChecks(loadWorkspace(root));
    rmSync(root, { recursive: true });
    const silent = results.filter(({ violations }) => violations.length === 0).map(({ rule }) => rule);
    expect(silent).toEqual(['forbidden-text']);
  });

  it('fail when they throw', async () => {
    const broken = { name: 'broken', purpose: '', inspect: () => Promise.reject(new Error('no such folder')) };
    const [result] = await checkPlanted({}, [broken]);
    expect(result?.violations[0]?.message).toBe('the rule itself failed: no such folder');
  });

  it('refuse a folder that is no workspace', () => {
    expect(() => loadWorkspace(tmpdir())).toThrow(/package.json can't be read|no npm workspace/);
  });
});
