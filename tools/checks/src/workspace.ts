import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { readManifest, type Manifest } from './manifest.ts';
import { parseSourceFile, type SourceFile } from './source-file.ts';

export interface Project {
  readonly name: string;
  /** Relative to the root, such as `packages/session-store`. */
  readonly folder: string;
  /** From the tag `type:…`; undefined when there is none, or more than one. */
  readonly type: string | undefined;
  readonly manifest: Manifest;
  readonly manifestText: string;
  readonly files: readonly SourceFile[];
}

export interface Document {
  readonly path: string;
  readonly text: string;
}

export interface Workspace {
  readonly root: string;
  readonly manifest: Manifest;
  readonly projects: readonly Project[];
  /** Every Markdown file. */
  readonly documents: readonly Document[];
  /** Every text file that people write, code and documents included, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'dist-spec', 'coverage', '.git', '.nx', '.mooring']);
const TEXT_FILE = /\.(ts|mts|mjs|js|cjs|json|md|ya?ml|sh|sql|html|css|toml|lua)$|\/run$/;
const CODE_FILE = /\.(ts|mjs)$/;

function listFiles(root: string, folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(root, path);
    return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
  });
}

function listProjectFolders(root: string, manifest: Manifest): string[] {
  return (manifest.workspaces ?? []).flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    if (!existsSync(join(root, parent))) return [];
    return readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, parent, entry.name, 'package.json')))
      .map((entry) => `${parent}/${entry.name}`)
      .sort();
  });
}

function readProject(root: string, folder: string, texts: ReadonlyMap<string, string>): Project {
  const manifest = readManifest(join(root, folder));
  const types = (manifest.nx?.tags ?? []).filter((tag) => tag.startsWith('type:')).map((tag) => tag.slice(5));
  const files = [...texts]
    .filter(([path]) => path.startsWith(`${folder}/`) && CODE_FILE.test(path))
    .map(([path, text]) => parseSourceFile(path, text));
  return {
    name: manifest.name ?? basename(folder),
    folder,
    type: types.length === 1 ? types[0] : undefined,
    manifest,
    manifestText: texts.get(`${folder}/package.json`) ?? '',
    files,
  };
}

/**
 * Reads everything that the rules look at. Nothing is executed and nothing has to be installed.
 * @throws Error when the folder is no npm workspace
 */
export function loadWorkspace(root: string): Workspace {
  const manifest = readManifest(root);
  if (manifest.workspaces === undefined)
    throw new Error(`${root} is no npm workspace: package.json lists no workspaces`);
  const paths = listFiles(root, root).filter((path) => TEXT_FILE.test(path) && basename(path) !== 'package-lock.json');
  const texts = new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  return {
    root,
    manifest,
    projects: listProjectFolders(root, manifest).map((folder) => readProject(root, folder, texts)),
    documents: [...texts].filter(([path]) => path.endsWith('.md')).map(([path, text]) => ({ path, text })),
    texts,
  };
}
