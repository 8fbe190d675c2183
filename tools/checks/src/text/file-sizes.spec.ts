import { expect, it } from '@jest/globals';
import { checkPlanted, findPlanted, type Files } from '../planted-workspace.fixture.ts';
import { fileSizes } from './file-sizes.ts';

const lines = (count: number): string => '// line\n'.repeat(count);

it('catches a file above 400 lines', async () => {
  const path = 'packages/store-memory/src/long.ts';
  expect(await findPlanted(fileSizes, { [path]: lines(400) })).toEqual([]);
  expect(await findPlanted(fileSizes, { [path]: lines(401) })).toEqual([`${path}:401 401 lines, more than 400`]);
});

it('catches too many long files, and reports the median', async () => {
  const many: Files = Object.fromEntries(
    Array.from({ length: 3 }, (_, n) => [`packages/store-memory/src/long-${n}.ts`, lines(301 + n)]),
  );
  expect(await findPlanted(fileSizes, many)).toEqual([expect.stringContaining('95 % of the files have up to 30')]);
  const [result] = await checkPlanted({}, [fileSizes]);
  expect(result?.notes).toEqual([expect.stringMatching(/^lines per file: median \d+, p95 \d+, most \d+$/)]);
});
