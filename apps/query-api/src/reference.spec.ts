import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { configReference } from '@mooring/environment-config';
import { problemReference } from '@mooring/nest-runtime';
import { format } from 'oxfmt';
import { configSchema } from './config.ts';
import { problems } from './problems.ts';

const DOCS = new URL('../../../docs/reference/', import.meta.url);
/** `npm run docs` sets it: then the pages are written instead of compared. */
const WRITE = process.env['MOORING_TEST_WRITE_DOCS'] === '1';

const PAGES: Readonly<Record<string, string>> = {
  'config.md': `# Configuration

Generated from the code by \`npm run docs -w @mooring/query-api\`; a test fails when it is out of date.

A service reads its environment once, at the start, and lists every fault at once. An unknown \`MOORING_*\` variable is a
fault. An empty variable counts as absent.

## query-api

${configReference(configSchema)}
`,
  'errors.md': `# Errors

Generated from the code by \`npm run docs -w @mooring/query-api\`; a test fails when it is out of date.

Every error is \`application/problem+json\` (RFC 9457) with the members \`type\`, \`title\`, \`status\`, \`code\`, \`detail\`,
\`instance\`, \`requestId\` and, for faults of the request, \`errors\`. Decide by \`code\`: it is stable. An answer with status
503 says in Retry-After when to come back.

## query-api

${problemReference(problems)}
`,
};

describe('the reference', () => {
  it.each(Object.keys(PAGES))('%s is what the code says', async (name) => {
    const file = new URL(name, DOCS);
    const { code: page } = await format(name, PAGES[name] ?? '');
    if (WRITE) await writeFile(file, page);
    expect(await readFile(file, 'utf8')).toBe(page);
  });
});
