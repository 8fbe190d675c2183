import type { Inspection, Rule } from '../rule.ts';
import type { Document, Workspace } from '../workspace.ts';

/** In code: a file of tests, and the name of one of them. */
const NAMED_TEST = /`(?<file>[\w./-]+\.spec\.ts)(?: › (?<name>[^`]+))?`/g;

export const documentTests: Rule = {
  name: 'document-tests',
  purpose: 'tests that documents name exist, by file and by name',
  inspect: (workspace): Inspection => ({
    inspected: workspace.documents.length,
    violations: workspace.documents.flatMap((document) =>
      document.text.split('\n').flatMap((text, index) =>
        [...text.matchAll(NAMED_TEST)].flatMap(({ groups }) => {
          const reason = explainTest(workspace, document, groups?.['file'] ?? '', groups?.['name']);
          if (reason === undefined) return [];
          return [{ file: document.path, line: index + 1, message: reason, remedy: 'Name the test as it is now.' }];
        }),
      ),
    ),
  }),
};

/** Of a file that may be named from the root, from beside the document, or by its own name alone. */
function explainTest(
  { texts }: Workspace,
  { path }: Document,
  file: string,
  name: string | undefined,
): string | undefined {
  const beside = path.slice(0, path.lastIndexOf('/') + 1);
  const found = [...texts.keys()].filter(
    (known) => known === file || known === `${beside}${file}` || known.endsWith(`/${file}`),
  );
  if (found.length === 0) return `there is no ${file}`;
  if (name === undefined || found.some((known) => texts.get(known)?.includes(name) === true)) return undefined;
  return `${file} has no test "${name}"`;
}
