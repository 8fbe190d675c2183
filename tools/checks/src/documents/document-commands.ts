import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Inspection, Rule } from '../rule.ts';
import type { Document, Project, Workspace } from '../workspace.ts';

/** Scripts that npm knows without `run`. */
const SHORT = new Set(['start', 'test']);

function projectOf(workspace: Workspace, document: Document): Project | undefined {
  return workspace.projects.find(({ folder }) => document.path.startsWith(`${folder}/`));
}

/** Programs that `npx` finds in a clone: of the packages here, and of what the root installs for everybody. */
function listPrograms(workspace: Workspace): ReadonlySet<string> {
  const own = workspace.projects.flatMap(({ name, manifest: { bin } }) =>
    bin === undefined ? [] : typeof bin === 'string' ? [name.replace(/^@[^/]+\//, '')] : Object.keys(bin),
  );
  return new Set([...own, ...Object.keys(workspace.manifest.devDependencies ?? {}), 'tsc']);
}

function explainScript(workspace: Workspace, document: Document, script: string, rest: string): string | undefined {
  const named = /^\s+(?:-w|--workspace)[ =](\S+?)[`'"]?(?=\s|$|[,;.)])/.exec(rest)?.[1]?.replace(/`.*$/, '');
  if (named !== undefined) {
    const target = workspace.projects.find(({ name, folder }) => name === named || folder === named);
    if (target === undefined) return `there is no package ${named}`;
    return target.manifest.scripts?.[script] === undefined ? `${named} has no script "${script}"` : undefined;
  }
  const project = projectOf(workspace, document);
  const known = { ...workspace.manifest.scripts, ...project?.manifest.scripts };
  return known[script] === undefined ? `no package.json has the script "${script}"` : undefined;
}

/** `dist/main.js` is there once `src/main.ts` is compiled. */
function explainProgramFile(workspace: Workspace, document: Document, file: string): string | undefined {
  const source = file.replace(/(^|\/)dist\/(.*)\.js$/, '$1src/$2.ts');
  const folders = ['', projectOf(workspace, document)?.folder ?? ''];
  const exists = folders.some((folder) => existsSync(join(workspace.root, folder, source)));
  return exists ? undefined : `there is no ${source}`;
}

function listMentions(
  workspace: Workspace,
  document: Document,
  programs: ReadonlySet<string>,
): [number, string, string][] {
  return document.text.split('\n').flatMap((line, index): [number, string, string][] => {
    const found: [string, string | undefined][] = [
      ...[...line.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map((match): [string, string | undefined] => [
        match[0],
        explainScript(workspace, document, match[1] ?? '', line.slice(match.index + match[0].length)),
      ]),
      ...[...line.matchAll(/\bnpm ([a-z]+)\b/g)]
        .filter((match) => SHORT.has(match[1] ?? ''))
        .map((match): [string, string | undefined] => [
          match[0],
          explainScript(workspace, document, match[1] ?? '', line.slice(match.index + match[0].length)),
        ]),
      ...[...line.matchAll(/(?:`|\$ |^\s*)npx ([@a-z][\w@/.-]*)/g)].map((match): [string, string | undefined] => [
        `npx ${match[1]}`,
        programs.has(match[1] ?? '') ? undefined : `no package here has the program "${match[1]}"`,
      ]),
      ...[...line.matchAll(/\bnode ((?:tools|packages|apps|bin|dist)\/[\w./-]+\.m?js)/g)].map(
        (match): [string, string | undefined] => [match[0], explainProgramFile(workspace, document, match[1] ?? '')],
      ),
    ];
    return found.flatMap(([command, reason]) => (reason === undefined ? [] : [[index + 1, command, reason]]));
  });
}

export const documentCommands: Rule = {
  name: 'document-commands',
  purpose: 'npm scripts, npx programs and node files that documents mention exist',
  inspect: (workspace): Inspection => {
    const programs = listPrograms(workspace);
    return {
      inspected: workspace.documents.length,
      violations: workspace.documents.flatMap((document) =>
        listMentions(workspace, document, programs).map(([line, command, reason]) => ({
          file: document.path,
          line,
          message: `"${command}" does not work: ${reason}`,
          remedy: 'Correct the command, or add what it names.',
        })),
      ),
    };
  },
};
