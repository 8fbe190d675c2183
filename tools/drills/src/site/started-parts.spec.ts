import { describe, expect, it } from '@jest/globals';
import { StartedParts } from './started-parts.ts';

function threeParts() {
  const parts = new StartedParts();
  const ended: string[] = [];
  for (const name of ['postgres', 'line', 'pods']) {
    parts.add(name, async (part) => {
      ended.push(part);
      if (part === 'line') throw new Error('the line is stuck');
    });
  }
  return { parts, ended };
}

describe('StartedParts', () => {
  it('end in the reverse order, all of them, and once', async () => {
    const { parts, ended } = threeParts();
    await expect(parts.end()).rejects.toThrow('the line is stuck');
    expect(ended).toEqual(['pods', 'line', 'postgres']);
    await parts.end();
    expect(ended).toHaveLength(3);
  });

  it('end where a later step of the start fails, and its failure is told', async () => {
    const { parts, ended } = threeParts();
    const start = parts.orEnd(async () => {
      throw new Error('no pod starts');
    });
    await expect(start).rejects.toThrow('no pod starts');
    expect(ended).toEqual(['pods', 'line', 'postgres']);
  });

  it('are left alone by a start that succeeds', async () => {
    const { parts, ended } = threeParts();
    expect(await parts.orEnd(async () => 'started')).toBe('started');
    expect(ended).toEqual([]);
  });
});
