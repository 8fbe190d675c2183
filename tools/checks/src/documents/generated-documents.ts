import { basename } from 'node:path';
import type { Inspection, Rule } from '../rule.ts';
import type { SourceFile } from '../source-file.ts';

const FOLDER = 'docs/reference/';

/** A spec that compares a generated document with what the code says names the folder and the file. */
function guards(spec: SourceFile, path: string): boolean {
  const literals = [...spec.literals];
  const namesFolder = literals.some((literal) => literal.includes(FOLDER.slice(0, -1)));
  return namesFolder && literals.some((literal) => basename(literal) === basename(path));
}

export const generatedDocuments: Rule = {
  name: 'generated-documents',
  purpose: 'every file in docs/reference is compared by a spec with what the code says',
  inspect: (workspace): Inspection => {
    const documents = [...workspace.texts.keys()].filter((path) => path.startsWith(FOLDER));
    const specs = workspace.projects.flatMap(({ files }) => files.filter(({ role }) => role === 'spec'));
    return {
      inspected: documents.length + specs.length,
      violations: documents
        .filter((path) => !specs.some((spec) => guards(spec, path)))
        .map((file) => ({
          file,
          line: 1,
          message: 'no spec compares it with the code, so nobody notices when it drifts',
          remedy:
            'Generate it in a spec that fails when it differs, or move it: docs/reference is not written by hand.',
        })),
    };
  },
};
