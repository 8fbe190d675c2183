import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '../topics/topics.ts';
import type { Topic } from '../topics/topics.ts';

const HOOKS = new URL('./typescript-hooks.fixture.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./node-test-program.fixture.ts', import.meta.url));

interface Run {
  readonly code: number | null;
  /** As the Test Anything Protocol. */
  readonly output: string;
}

function nodeTest(topics: readonly Topic[], mutant?: string): Promise<Run> {
  const options = ['--no-warnings', '--conditions=@mooring/source', '--import', HOOKS, '--test-reporter=tap'];
  const args = [...options, PROGRAM, topics.join(','), ...(mutant === undefined ? [] : [mutant])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code, output }));
  });
}

describe('the kit without Jest', () => {
  it('declares its checks to the runner of Node.js, which passes them', async () => {
    const topics: readonly Topic[] = [
      'compare-and-set',
      'limits',
      'damaged-records',
      'secrecy',
      'faults',
      'wire-budget',
    ];
    const { code, output } = await nodeTest(topics);
    expect([code, /^# fail (\d+)$/m.exec(output)?.[1]]).toEqual([0, '0']);
    const leftOut = Object.keys(TOPICS).length - topics.length;
    const checks = topics.reduce((sum, topic) => sum + Object.keys(TOPICS[topic]).length, leftOut);
    expect(output.match(/^ +ok \d+ - /gm)).toHaveLength(checks);
  });

  it('fails there as well', async () => {
    const { code, output } = await nodeTest(['compare-and-set', 'faults'], 'a write is answered before it is done');
    expect(code).toBe(1);
    expect(output).toMatch(/not ok \d+ - F-01: while the line is cut every operation fails, typed and retryable/);
    expect(output).toMatch(/not ok \d+ - an update replaces the data whole/);
  });
});
