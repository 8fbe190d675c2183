import type { Inspection, Rule } from '../rule.ts';

const FOLDER = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const FILE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:spec|e2e\.spec|fixture|config|d))?\.(?:ts|mjs)$/;

export const fileNames: Rule = {
  name: 'file-names',
  purpose: 'files and folders in kebab-case',
  inspect: (workspace): Inspection => {
    const paths = workspace.projects.flatMap((project) => project.files.map(({ path }) => path));
    return {
      inspected: paths.length,
      violations: paths
        .filter((path) => {
          const parts = path.split('/');
          return !FILE.test(parts.at(-1) ?? '') || !parts.slice(0, -1).every((part) => FOLDER.test(part));
        })
        .map((file) => ({
          file,
          line: 1,
          message: 'the path is not in kebab-case',
          remedy: 'Rename it: some-noun.ts.',
        })),
    };
  },
};
