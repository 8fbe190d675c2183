import type { Inspection, Rule } from '../rule.ts';
import type { Workspace } from '../workspace.ts';

interface Pattern {
  readonly what: string;
  readonly expression: RegExp;
  readonly remedy: string;
  /** Specs may show made-up examples of it. */
  readonly fineInSpecs?: boolean;
}

const UNFINISHED = ['TO', 'FIX', 'XX'].map((start, index) => start + ['DO', 'ME', 'X'][index]).join('|');

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

const NEUTRAL = 'Write it relative to the clone, or make it an option.';

/** A clone in one folder of the root, such as `/app` or `/src`, has the name of other things: nothing is said of it. */
function placeOfClone(root: string): readonly Pattern[] {
  if (root.split(/[/\\]/).filter(Boolean).length < 2) return [];
  const expression = new RegExp(String.raw`(?<![\w./-])${escape(root)}\b`);
  return [{ what: 'a path of this machine', expression, remedy: NEUTRAL }];
}

function listPatterns(root: string): readonly Pattern[] {
  return [
    ...placeOfClone(root),
    {
      what: 'the host of a package registry',
      expression: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\b(?:npm|registry)\.pkg\.[a-z.]+|\bverdaccio\b/,
      remedy: 'Leave it to the npm configuration of whoever installs.',
    },
    {
      what: 'a path of one machine',
      expression: /(?<![\w.])\/(?:home|Users)\/[a-z][\w-]*\/|(?<![\w.])\/root\/\w/,
      remedy: NEUTRAL,
      fineInSpecs: true,
    },
    { what: 'a path of one machine', expression: /\b[A-Z]:\\\\?Users\\/, remedy: NEUTRAL, fineInSpecs: true },
    {
      what: 'unfinished work',
      expression: new RegExp(`(?://|/?\\*|#|<!--).*\\b(?:${UNFINISHED})\\b`),
      remedy: 'Finish it, or write down where it is planned.',
    },
  ];
}

export const forbiddenText: Rule = {
  name: 'forbidden-text',
  purpose: 'no registry hosts, no paths of one machine, no unfinished work',
  inspect: (workspace: Workspace): Inspection => {
    const patterns = listPatterns(workspace.root);
    return {
      inspected: workspace.texts.size,
      violations: [...workspace.texts].flatMap(([file, text]) =>
        text.split('\n').flatMap((line, index) =>
          patterns
            .filter(({ fineInSpecs }) => fineInSpecs !== true || !/\.(spec|fixture)\.m?[jt]s$/.test(file))
            .filter(({ expression }) => expression.test(line))
            .map(({ what, remedy }) => ({ file, line: index + 1, message: `the line has ${what}`, remedy })),
        ),
      ),
    };
  },
};
