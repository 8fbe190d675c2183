import { cp, lstat, mkdir, readFile, readlink, realpath, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** What one app needs of an installed workspace: folders of packages, and the links by which Node.js finds some of them. */
export interface AppFiles {
  /** Relative to the workspace, sorted. */
  readonly packages: readonly string[];
  readonly links: readonly string[];
}

/** Types and source maps: nothing that runs reads them. */
const NOT_RUN = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$/;
/** What is copied of a package of the workspace. */
const BUILT = new Set(['package.json', 'dist', 'bin']);

/**
 * Follows what the manifests say is needed at run time, as Node.js resolves it. An optional dependency counts where it is
 * installed, an optional peer does not.
 *
 * @throws Error when something that is needed is not installed.
 */
export async function findAppFiles(workspace: string, app: string): Promise<AppFiles> {
  const root = await realpath(workspace);
  const packages = new Set<string>();
  const links = new Set<string>();
  const pending = [join(root, app)];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const place = relative(root, folder);
    if (packages.has(place)) continue;
    packages.add(place);
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
    for (const [name, needed] of neededBy(manifest)) {
      const found = installedAt(root, folder, name);
      if (found === undefined) {
        if (needed) throw new Error(`${place} needs ${name}, which is not installed. Run npm ci first.`);
        continue;
      }
      if ((await lstat(found)).isSymbolicLink()) links.add(relative(root, found));
      pending.push(await realpath(found));
    }
  }
  return { packages: [...packages].toSorted(), links: [...links].toSorted() };
}

/** Copies the app with all that it needs, and nothing else, to a new folder with the same structure. */
export async function collectApp(workspace: string, app: string, target: string): Promise<AppFiles> {
  const files = await findAppFiles(workspace, app);
  for (const place of files.packages) {
    const own = !place.split(sep).includes('node_modules');
    const folder = join(workspace, place);
    await cp(folder, join(target, place), {
      recursive: true,
      filter: (source) => {
        const [first = ''] = relative(folder, source).split(sep);
        if (first === 'node_modules' || NOT_RUN.test(source)) return false;
        return !own || first === '' || BUILT.has(first);
      },
    });
  }
  for (const link of files.links) {
    await mkdir(dirname(join(target, link)), { recursive: true });
    await symlink(await readlink(join(workspace, link)), join(target, link));
  }
  return files;
}

function neededBy(manifest: Manifest): Map<string, boolean> {
  const needed = new Map<string, boolean>();
  for (const name of Object.keys(manifest.peerDependencies ?? {})) {
    if (manifest.peerDependenciesMeta?.[name]?.optional !== true) needed.set(name, true);
  }
  for (const name of Object.keys(manifest.dependencies ?? {})) needed.set(name, true);
  for (const name of Object.keys(manifest.optionalDependencies ?? {})) needed.set(name, false);
  return needed;
}

function installedAt(root: string, from: string, name: string): string | undefined {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}
