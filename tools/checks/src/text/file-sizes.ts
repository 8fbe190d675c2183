import type { Inspection, Rule } from '../rule.ts';

const MOST_LINES = 400;
const MOST_LINES_P95 = 300;

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export const fileSizes: Rule = {
  name: 'file-sizes',
  purpose: `no file above ${MOST_LINES} lines, 95 % within ${MOST_LINES_P95}`,
  inspect: (workspace): Inspection => {
    const files = workspace.projects.flatMap((project) => project.files);
    const sizes = files.map(({ path, text }) => ({ file: path, lines: countLines(text) }));
    const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
    const p95 = quantile(sorted, 0.95);
    const remedy = 'Split it by noun: what would the second file be called?';
    const longest = [...sizes].sort((a, b) => b.lines - a.lines)[0];
    return {
      inspected: files.length,
      violations: [
        ...sizes
          .filter(({ lines }) => lines > MOST_LINES)
          .map(({ file, lines }) => ({
            file,
            line: lines,
            message: `${lines} lines, more than ${MOST_LINES}`,
            remedy,
          })),
        ...(p95 > MOST_LINES_P95 && longest !== undefined
          ? [{ file: longest.file, line: 1, message: `95 % of the files have up to ${p95} lines`, remedy }]
          : []),
      ],
      notes: [`lines per file: median ${quantile(sorted, 0.5)}, p95 ${p95}, most ${sorted.at(-1) ?? 0}`],
    };
  },
};
