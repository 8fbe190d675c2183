import { expect } from '@jest/globals';
import { runLine } from '../run.fixture.ts';
import type { RunOptions } from '../run.fixture.ts';
import type { Finding } from './finding.ts';

export type Env = Record<string, string>;

export async function doctor(env: Env, words = '', options: RunOptions = {}) {
  const ended = await runLine(`doctor --json ${words}`, env, options);
  const findings = ended.json['findings'] as Finding[];
  return {
    ...ended,
    findings,
    found: (check: string): Finding | undefined => findings.find((finding) => finding.check === check),
  };
}

export const remedied = (status: 'failed' | 'warning', found: RegExp, remedy: RegExp) => ({
  status,
  found: expect.stringMatching(found),
  remedy: expect.stringMatching(remedy),
});
