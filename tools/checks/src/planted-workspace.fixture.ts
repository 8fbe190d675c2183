import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from './manifest.ts';
import type { Rule } from './rule.ts';
import { runChecks, type RuleResult } from './run-checks.ts';
import { loadWorkspace } from './workspace.ts';

/** Files by path; undefined removes one of the sound workspace. */
export type Files = Readonly<Record<string, string | object | undefined>>;

function manifest(name: string, type: string, rest: Manifest = {}): Manifest {
  return {
    name: `@mooring/${name}`,
    exports: { '.': { '@mooring/source': './src/index.ts', default: './dist/index.js' } },
    scripts: { test: 'jest' },
    nx: { tags: [`type:${type}`] },
    ...rest,
  };
}

function references(...folders: string[]): object {
  return { references: folders.map((path) => ({ path })) };
}

const API_SPEC = "import { expect, it } from '@jest/globals';\nit('is pinned', () => expect(1).toBe(1));\n";

/** The files of one package; `depends` are names of packages under `packages`. */
export function packageFiles(folder: string, type: string, index: string, rest: Manifest = {}): Files {
  const name = folder.split('/')[1] ?? '';
  const internal = (names: object = {}): string[] =>
    Object.keys(names).flatMap((full) => (full.startsWith('@mooring/') ? [`../../packages/${full.slice(9)}`] : []));
  return {
    [`${folder}/package.json`]: manifest(name, type, rest),
    [`${folder}/README.md`]: `# @mooring/${name}\n\nSee the [map](../../docs/architecture.md#rooms), run \`npm test\`.\n`,
    [`${folder}/tsconfig.json`]: references(...internal(rest.dependencies)),
    [`${folder}/tsconfig.spec.json`]: references('.', ...internal(rest.devDependencies)),
    [`${folder}/src/index.ts`]: index,
    [`${folder}/src/public-api.spec.ts`]: API_SPEC,
  };
}

const FOLDERS = [
  'packages/session-store',
  'packages/redshift-sessions',
  'packages/store-memory',
  'packages/session-store-testkit',
  'packages/nest-session-store',
  'apps/query-api',
  'tools/bench',
];

const STORE = { '@mooring/session-store': '0.1.0' };
const TESTKIT = { '@mooring/session-store-testkit': '0.1.0' };
const TYPE_IMPORT = "import type { Session } from '@mooring/session-store';\n";

/** A small workspace in which no rule is violated. */
const SOUND: Files = {
  'package.json': {
    name: 'mooring',
    workspaces: ['packages/*', 'apps/*', 'tools/*'],
    scripts: { test: 'jest', start: 'node start.mjs', build: 'tsc -b' },
    devDependencies: { '@jest/globals': '30.0.0', nx: '24.0.0' },
  },
  'tsconfig.json': references(
    ...FOLDERS.flatMap((folder) => [`./${folder}/tsconfig.json`, `./${folder}/tsconfig.spec.json`]),
  ),
  'README.md': '# Mooring\n\n[Map](docs/architecture.md), `npm start`, `npm run build`, `npx nx graph`.\n',
  'docs/architecture.md': `# Architecture\n\n## Rooms\n\n${FOLDERS.map((folder) => `- \`${folder}\``).join('\n')}\n`,
  'docs/adr/0001-plain-packages.md':
    '# 1. Plain packages\n\n## Context\n\nA\n\n## Decision\n\nB\n\n## Consequences\n\nC\n',
  ...packageFiles('packages/session-store', 'contract', "export { type Session, ok } from './session.ts';\n"),
  'packages/session-store/src/session.ts':
    "import { randomUUID } from 'node:crypto';\nexport interface Session { id: string }\nexport const ok = randomUUID;\n",
  ...packageFiles('packages/redshift-sessions', 'domain', "export { Pool } from './pool.ts';\n", {
    dependencies: { ...STORE, pg: '8.0.0' },
    devDependencies: { ...TESTKIT, '@mooring/store-memory': '0.1.0', '@types/pg': '8.0.0' },
  }),
  'packages/redshift-sessions/src/pool.ts': `${TYPE_IMPORT}import { Client } from 'pg';\nexport class Pool { s?: Session; c?: Client }\n`,
  'packages/redshift-sessions/src/pool.spec.ts':
    "import { check } from '@mooring/session-store-testkit';\nimport { MemoryStore } from '@mooring/store-memory';\ncheck(MemoryStore);\n",
  ...packageFiles('packages/store-memory', 'adapter', "export { MemoryStore } from './memory-store.ts';\n", {
    dependencies: STORE,
  }),
  'packages/store-memory/src/memory-store.ts': `${TYPE_IMPORT}export class MemoryStore { s?: Session }\n`,
  ...packageFiles('packages/session-store-testkit', 'testkit', "export { check } from './check.ts';\n", {
    dependencies: STORE,
  }),
  'packages/session-store-testkit/src/check.ts': `${TYPE_IMPORT}export const check = (s: unknown): s is Session => true;\n`,
  ...packageFiles('packages/nest-session-store', 'nest', "export { openStore } from './open-store.ts';\n", {
    dependencies: { '@mooring/store-memory': '0.1.0' },
  }),
  'packages/nest-session-store/src/open-store.ts': "export const openStore = () => import('@mooring/store-memory');\n",
  ...packageFiles('apps/query-api', 'app', "export { serve } from './serve.ts';\n", {
    dependencies: { '@mooring/redshift-sessions': '0.1.0' },
  }),
  'apps/query-api/src/serve.ts':
    "import { Pool } from '@mooring/redshift-sessions';\nexport const serve = () => new Pool();\n",
  'apps/query-api/src/config.ts': "export const port = process.env['PORT'];\n",
  ...packageFiles('tools/bench', 'tool', 'export {};\n'),
};

function write(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    if (content === undefined) {
      rmSync(file, { force: true });
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

/** Plants files into a sound workspace of its own and runs rules over it. */
export async function checkPlanted(files: Files, rules?: readonly Rule[]): Promise<readonly RuleResult[]> {
  const root = mkdtempSync(join(tmpdir(), 'mooring-checks-'));
  try {
    write(root, { ...SOUND, ...files });
    return await runChecks(loadWorkspace(root), rules);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What one rule says about planted files, as `file:line message`. */
export async function findPlanted(rule: Rule, files: Files): Promise<readonly string[]> {
  const [result] = await checkPlanted(files, [rule]);
  return (result?.violations ?? []).map(({ file, line, message }) => `${file}:${line} ${message}`);
}
