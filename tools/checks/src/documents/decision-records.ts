import { basename } from 'node:path';
import type { Inspection, Rule, Violation } from '../rule.ts';
import type { Document } from '../workspace.ts';
import { listHeadings, withoutFences } from './markdown.ts';

const FOLDER = 'docs/adr/';
const NAME = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$/;
const SECTIONS = ['Context', 'Decision', 'Consequences'];

function inspectSections(document: Document): Violation[] {
  const headings = listHeadings(document.text).filter(({ level }) => level === 2);
  const order = headings.map(({ title }) => title).filter((title) => SECTIONS.includes(title));
  if (order.join() !== SECTIONS.join()) {
    const message = `the sections are ${order.join(', ') || 'missing'}`;
    return [{ file: document.path, line: 1, message, remedy: `Have ${SECTIONS.join(', ')}, in this order.` }];
  }
  const lines = withoutFences(document.text);
  return headings.flatMap(({ title, line }, index) => {
    const end = (headings[index + 1]?.line ?? lines.length + 1) - 1;
    const isEmpty = document.text.split('\n').slice(line, end).join('').trim() === '';
    return isEmpty ? [{ file: document.path, line, message: `"${title}" is empty`, remedy: 'Write it.' }] : [];
  });
}

function inspectRecord(document: Document, index: number): Violation[] {
  const name = basename(document.path);
  const number = NAME.exec(name)?.[1];
  if (number === undefined) {
    const remedy = 'Name it NNNN-noun-phrase.md.';
    return [{ file: document.path, line: 1, message: `"${name}" is no name of a decision record`, remedy }];
  }
  const violations = inspectSections(document);
  if (Number(number) !== index + 1) {
    const message = `number ${Number(number)} where ${index + 1} comes next`;
    violations.push({
      file: document.path,
      line: 1,
      message,
      remedy: 'Number records from 1, without gaps or repeats.',
    });
  }
  if (!document.text.startsWith(`# ${Number(number)}. `)) {
    const remedy = `Begin with "# ${Number(number)}. Title".`;
    violations.push({ file: document.path, line: 1, message: 'the title does not have its number', remedy });
  }
  return violations;
}

export const decisionRecords: Rule = {
  name: 'decision-records',
  purpose: 'docs/adr is numbered without gaps; each record has Context, Decision, Consequences',
  inspect: (workspace): Inspection => {
    const records = workspace.documents.filter(({ path }) => path.startsWith(FOLDER));
    return { inspected: records.length, violations: records.flatMap(inspectRecord) };
  },
};
