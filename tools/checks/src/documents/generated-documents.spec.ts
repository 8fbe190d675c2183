import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { generatedDocuments } from './generated-documents.ts';

const DOCUMENT = { 'docs/reference/errors.md': '# Errors\n' };
const spec = (text: string): Record<string, string> => ({ ...DOCUMENT, 'apps/query-api/src/reference.spec.ts': text });

it('catches a document that no spec compares', async () => {
  expect(await findPlanted(generatedDocuments, DOCUMENT)).toEqual([
    'docs/reference/errors.md:1 no spec compares it with the code, so nobody notices when it drifts',
  ]);
  expect(await findPlanted(generatedDocuments, spec("compare('docs/reference/config.md');"))).toHaveLength(1);
  expect(await findPlanted(generatedDocuments, spec("compare('elsewhere/errors.md');"))).toHaveLength(1);
});

it.each([
  "compare('../../../docs/reference/errors.md');",
  "const D = 'docs/reference/'; compare(D, { 'errors.md': 1 });",
])('lets pass %s', async (text) => {
  expect(await findPlanted(generatedDocuments, spec(text))).toEqual([]);
});
