const FOLDER = 'docs/adr';

/** `decision-records` of tools/checks objects to each section until it is written. */
const SECTIONS = ['Context', 'Decision', 'Consequences'];

/**
 * Begins a decision record, numbered after the last one.
 * @param {Pick<import('@nx/devkit').Tree, 'children' | 'write'>} tree
 * @param {{ title: string }} options
 */
export function generateDecisionRecord(tree, { title }) {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  if (slug === '') throw new Error(`A file can't be named after the title ${JSON.stringify(title)}: use some letters.`);
  const numbers = tree.children(FOLDER).map((file) => Number(/^(\d{4})-/.exec(file)?.[1] ?? 0));
  const number = Math.max(0, ...numbers) + 1;
  const sections = SECTIONS.map((section) => `## ${section}\n`);
  tree.write(
    `${FOLDER}/${String(number).padStart(4, '0')}-${slug}.md`,
    [`# ${number}. ${title.trim()}\n`, ...sections].join('\n'),
  );
}
