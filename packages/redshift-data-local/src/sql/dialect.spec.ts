import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from '../local.fixture.ts';
import type { Local } from '../local.fixture.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Code cells of the rows below a heading: an example and its answer. */
function examplesOf(heading: string): [string, string][] {
  const section = README.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? '';
  return section.split('\n').flatMap((line): [string, string][] => {
    const [, , example, answer] = line.split(/(?<!\\)\|/).map((cell) => /^\s*`(.*)`\s*$/.exec(cell)?.[1]);
    return example === undefined || answer === undefined ? [] : [[example, answer]];
  });
}

let local: Local;

beforeAll(async () => {
  local = await openLocal();
});

afterAll(() => local.stop());

/** Statements are separated by semicolons, those in quotes of dollars excepted. */
async function answerOf(example: string): Promise<string> {
  const statements = example.split(/;\s(?=(?:[^$]*\$\$[^$]*\$\$)*[^$]*$)/);
  let SessionId: string | undefined;
  for (const [index, sql] of statements.entries()) {
    const place = SessionId === undefined ? { SessionKeepAliveSeconds: 60 } : { SessionId };
    const { Status, Error: error = '', QueryString, ...described } = await local.run(sql, place);
    expect(QueryString).toBe(sql);
    SessionId = described.SessionId;
    if (Status !== 'FINISHED') return error;
    if (index === statements.length - 1) {
      const [row = []] = await local.rows(sql, { SessionId });
      return row.map(String).join(', ');
    }
  }
  return '';
}

describe('the SQL of Redshift in README.md', () => {
  it.each(examplesOf('Works'))('%s', async (example, answer) => {
    expect(await answerOf(example)).toBe(answer);
  });

  it.each(examplesOf('Differs'))('answers otherwise: %s', async (example, answer) => {
    expect(await answerOf(example)).toBe(answer);
  });

  it.each(examplesOf('Does not work'))('refuses %s', async (example, answer) => {
    expect((await answerOf(example)).slice(0, answer.length)).toBe(answer);
  });

  it('has examples', () => {
    const counts = ['Works', 'Differs', 'Does not work'].map((heading) => examplesOf(heading).length);
    expect(counts).toEqual([32, 4, 16]);
  });
});
