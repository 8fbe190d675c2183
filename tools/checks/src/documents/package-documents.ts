import type { Inspection, Rule, Violation } from '../rule.ts';
import type { Project, Workspace } from '../workspace.ts';

const MAP = 'docs/architecture.md';

function inspectProject(workspace: Workspace, project: Project): Violation[] {
  const violations: Violation[] = [];
  const readme = `${project.folder}/README.md`;
  const text = workspace.texts.get(readme);
  if (text === undefined) {
    const remedy = 'Add one: what it is for, how to use it, what to rely on.';
    violations.push({ file: readme, line: 1, message: `${project.name} has no README.md`, remedy });
  } else if (!text.startsWith(`# ${project.name}`)) {
    const message = `the title is not the name of the package, ${project.name}`;
    violations.push({ file: readme, line: 1, message, remedy: `Begin with "# ${project.name}".` });
  }
  if (workspace.texts.get(MAP)?.includes(project.folder) !== true) {
    const message = `${project.folder} is not on the map`;
    violations.push({ file: MAP, line: 1, message, remedy: 'List it under "Rooms", with what is in it.' });
  }
  return violations;
}

/** Paths such as `packages/name` on the map that are not there. */
function listGone(workspace: Workspace): Violation[] {
  const folders = new Set(workspace.projects.map(({ folder }) => folder));
  return (workspace.texts.get(MAP) ?? '').split('\n').flatMap((line, index) =>
    [...line.matchAll(/\b(?:packages|apps|tools)\/[a-z][a-z0-9-]*/g)]
      .filter(([path]) => !folders.has(path))
      .map(([path]) => ({
        file: MAP,
        line: index + 1,
        message: `there is no ${path}`,
        remedy: 'Remove it from the map: rooms are listed when they exist.',
      })),
  );
}

export const packageDocuments: Rule = {
  name: 'package-documents',
  purpose: `every package has a README.md and is listed in ${MAP}, and nothing else is`,
  inspect: (workspace): Inspection => ({
    inspected: workspace.projects.length,
    violations: [
      ...workspace.projects.flatMap((project) => inspectProject(workspace, project)),
      ...listGone(workspace),
    ],
  }),
};
