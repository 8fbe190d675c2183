import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { findLine, listRuntimeDependencies, readManifest } from '../manifest.ts';
import type { Inspection, Rule, Violation } from '../rule.ts';
import { packageOf, type SourceFile } from '../source-file.ts';
import type { Project, Workspace } from '../workspace.ts';

const BUILTIN = new Set(builtinModules);

const isShipped = (file: SourceFile): boolean => file.role === 'source';

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || BUILTIN.has(specifier);
}

function findUndeclared(project: Project, rootTools: ReadonlySet<string>): Violation[] {
  const runtime = new Set(listRuntimeDependencies(project.manifest));
  const all = new Set([...runtime, ...Object.keys(project.manifest.devDependencies ?? {})]);
  return project.files.flatMap((file) =>
    file.imports.flatMap(({ specifier, line, kind }): Violation[] => {
      const name = packageOf(specifier);
      if (name === undefined || name === project.name || isBuiltin(specifier)) return [];
      const enough = isShipped(file) && kind !== 'type' ? runtime.has(name) : all.has(name);
      if (enough || (!isShipped(file) && rootTools.has(name))) return [];
      const message = all.has(name)
        ? `${name} is only a devDependency of ${project.name}, and this file is shipped`
        : `${name} is not declared by ${project.name}; it is only found because npm hoists it`;
      return [{ file: file.path, line, message, remedy: `Declare it in ${project.folder}/package.json.` }];
    }),
  );
}

interface Usage {
  readonly shipped: ReadonlySet<string>;
  readonly anywhere: ReadonlySet<string>;
}

function findUsage(project: Project): Usage {
  const namesIn = (files: readonly SourceFile[]): ReadonlySet<string> => {
    const specifiers = files.flatMap((file) => [...file.imports.map(({ specifier }) => specifier), ...file.literals]);
    return new Set(specifiers.map(packageOf).filter((name) => name !== undefined));
  };
  return { shipped: namesIn(project.files.filter(isShipped)), anywhere: namesIn(project.files) };
}

/** What the packages that are used ask for as peers: declared because somebody has to provide them. */
function findAskedPeers(root: string, used: ReadonlySet<string>): ReadonlySet<string> {
  const peers = [...used].flatMap((name) => {
    const folder = join(root, 'node_modules', name);
    return existsSync(join(folder, 'package.json')) ? Object.keys(readManifest(folder).peerDependencies ?? {}) : [];
  });
  return new Set(peers);
}

/** `@types/pg` is used where `pg` is, `@types/scope__name` where `@scope/name` is. */
function typedPackage(name: string): string {
  if (!name.startsWith('@types/')) return name;
  const typed = name.slice('@types/'.length);
  return typed.includes('__') ? `@${typed.replace('__', '/')}` : typed;
}

function findUnused(root: string, project: Project): Violation[] {
  const usage = findUsage(project);
  const peers = findAskedPeers(root, usage.anywhere);
  const file = `${project.folder}/package.json`;
  const scripts = Object.values(project.manifest.scripts ?? {}).join(' ');
  const loadedByName = project.manifest.mooring?.loadedByName ?? {};
  const isExcused = (name: string): boolean =>
    peers.has(name) || (loadedByName[name] ?? '').trim() !== '' || scripts.includes(name);
  const report = (name: string, message: string, remedy: string): Violation => ({
    file,
    line: findLine(project.manifestText, name),
    message,
    remedy,
  });
  const runtime = listRuntimeDependencies(project.manifest);
  const development = Object.keys(project.manifest.devDependencies ?? {});
  return [
    ...runtime
      .filter((name) => !usage.shipped.has(typedPackage(name)) && !isExcused(name))
      .map((name) =>
        usage.anywhere.has(name)
          ? report(name, `${name} is used by specs only`, 'Move it to devDependencies.')
          : report(
              name,
              `${name} is never imported`,
              'Remove it, or say what loads it in "mooring": { "loadedByName" }.',
            ),
      ),
    ...development
      .filter((name) => !usage.anywhere.has(typedPackage(name)) && !isExcused(name))
      .map((name) => report(name, `${name} is never imported`, 'Remove it.')),
  ];
}

/** A package whose index.ts is still empty has not used what it was given yet. */
function isSkeleton(project: Project): boolean {
  return project.files.every(({ role, text }) => role === 'config' || text.trim() === 'export {};');
}

export const declaredDependencies: Rule = {
  name: 'declared-dependencies',
  purpose: 'every import is declared by the package that imports it, and every declaration is used',
  inspect: (workspace: Workspace): Inspection => {
    const rootTools = new Set(Object.keys(workspace.manifest.devDependencies ?? {}));
    return {
      inspected: workspace.projects.reduce((sum, { files }) => sum + files.length, 0),
      violations: workspace.projects.flatMap((project) => [
        ...findUndeclared(project, rootTools),
        ...(isSkeleton(project) ? [] : findUnused(workspace.root, project)),
      ]),
    };
  },
};
