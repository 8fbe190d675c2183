import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { generateFiles, installPackagesTask, logger, readJson, updateJson } from '@nx/devkit';
import { installed } from '../../command.mjs';
import { namesOf } from './adapter-name.mjs';
import { withAdapter } from './architecture-map.mjs';

const FILES = join(import.meta.dirname, 'files');
const MAP = 'docs/architecture.md';

/** `references` are in the order of their paths. */
function withReferences(references, folder) {
  const added = ['tsconfig.json', 'tsconfig.spec.json'].map((file) => ({ path: `./${folder}/${file}` }));
  const at = references.findIndex(({ path }) => path > added[0].path);
  return at < 0 ? [...references, ...added] : references.toSpliced(at, 0, ...added);
}

function nextSteps(name, isLinked) {
  const folder = `packages/store-${name}`;
  const steps = [
    ...(isLinked ? [] : ['npm install', '      links the package and enters it into package-lock.json']),
    `cd ${folder} && npm test -- conformance -t '${name}: sessions-lifecycle' --verbose=false`,
    '      says which operation is missing, where it belongs and what it must do; begin with sessions.create',
    `npm install --save-exact -w ${folder} <driver>`,
    '      once you know what the sessions are kept in',
    'docs/how-to/add-a-store-adapter.md',
    '      the files, the order of the topics, and how the store gets into services and documents',
  ];
  return `\n${folder} compiles and passes every rule; its conformance spec fails until the operations are written. Next:\n\n  ${steps.join('\n  ')}\n`;
}

/**
 * Makes the package and the page of a store adapter, and enters it where packages are listed.
 * @param {import('@nx/devkit').Tree} tree
 * @param {{ name: string, skipInstall?: boolean }} options
 * @returns {Promise<() => void>} what runs once the files are written
 */
export async function generateStoreAdapter(tree, { name, skipInstall = false }) {
  const names = namesOf(name);
  const folder = `packages/store-${name}`;
  const page = `docs/adapters/${name}.md`;
  const taken = [folder, page].find((path) => tree.exists(path));
  if (taken !== undefined) throw new Error(`There is ${taken} already. Choose another name, or remove it.`);
  const { version } = readJson(tree, 'packages/session-store/package.json');
  generateFiles(tree, FILES, '.', { ...names, version });
  updateJson(tree, 'tsconfig.json', (json) => ({ ...json, references: withReferences(json.references, folder) }));
  tree.write(MAP, withAdapter(tree.read(MAP, 'utf8'), names));
  return () => {
    execFileSync(installed('oxfmt'), [folder, page, MAP, 'tsconfig.json'], { cwd: tree.root });
    let isLinked = false;
    try {
      if (!skipInstall) installPackagesTask(tree, true);
      isLinked = !skipInstall;
    } finally {
      logger.info(nextSteps(name, isLinked));
    }
  };
}
