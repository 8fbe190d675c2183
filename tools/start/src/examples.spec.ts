import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';
import type { StartConfig } from './config.ts';
import { listExamples } from './examples.ts';

describe('listExamples', () => {
  const config = readConfig([], {}) as StartConfig;

  it('does without jq where there is none', () => {
    const [login] = listExamples({ config }, '/nowhere');
    expect(login?.command).toContain('| sed -E');
    expect(login?.command).not.toContain('jq');
  });
});
