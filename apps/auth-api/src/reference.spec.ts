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
  'auth-api-config.md': `# Configuration of the auth API

Generated from the code by \`npm run docs -w @mooring/auth-api\`; a test fails when it is out of date.

The service reads its environment once, at the start, and lists every fault at once. An unknown \`MOORING_*\` variable is a
fault. An empty variable counts as absent.

${configReference(configSchema)}
`,
  'auth-api-errors.md': `# Errors of the auth API

Generated from the code by \`npm run docs -w @mooring/auth-api\`; a test fails when it is out of date.

Every error is \`application/problem+json\` (RFC 9457) with the members \`type\`, \`title\`, \`status\`, \`code\`, \`detail\`,
\`instance\`, \`requestId\` and, for faults of the request, \`errors\`; \`weak_password\` has \`rule\` too. Decide by \`code\`: it
is stable. An answer with status 503 or 429 says in Retry-After when to come back.

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
