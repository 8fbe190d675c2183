import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Inspection, Rule } from '../rule.ts';
import type { Document, Workspace } from '../workspace.ts';
import { listAnchors, listLinks } from './markdown.ts';

const OUTSIDE = /^[a-z][a-z0-9+.-]*:/i;

function explainLink(workspace: Workspace, document: Document, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  if (path.startsWith('/')) return 'a link from the root works nowhere';
  const file = path === '' ? document.path : posix.join(posix.dirname(document.path), decodeURI(path));
  if (file.startsWith('..')) return 'it leads out of the repository';
  if (!existsSync(join(workspace.root, file))) return `there is no ${file}`;
  const text = workspace.texts.get(file);
  if (anchor === undefined || anchor === '' || text === undefined || !file.endsWith('.md')) return undefined;
  return listAnchors(text).has(decodeURI(anchor)) ? undefined : `${file} has no heading for #${anchor}`;
}

export const documentLinks: Rule = {
  name: 'document-links',
  purpose: 'relative links in documents lead somewhere, headings included',
  inspect: (workspace): Inspection => ({
    inspected: workspace.documents.length,
    violations: workspace.documents.flatMap((document) =>
      listLinks(document.text)
        .filter(({ target }) => !OUTSIDE.test(target))
        .flatMap(({ target, line }) => {
          const reason = explainLink(workspace, document, target);
          if (reason === undefined) return [];
          const message = `the link to ${target} is broken: ${reason}`;
          return [{ file: document.path, line, message, remedy: 'Correct the link, or write what it promises.' }];
        }),
    ),
  }),
};
