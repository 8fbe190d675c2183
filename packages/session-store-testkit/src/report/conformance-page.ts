import type { StoreCapabilities } from '@mooring/session-store';
import { NAMED_CHECKS, checksOf } from '../catalogue/named-checks.ts';
import type { NamedCheck } from '../catalogue/named-checks.ts';
import { PEER_DEFECTS } from '../catalogue/peer-defects.ts';
import type { Checks } from '../harness.ts';
import { NEEDS } from '../powers.ts';
import type { Need } from '../powers.ts';
import { PASSES } from './conformance-report.ts';
import type { AdapterReport } from './conformance-report.ts';
import type { ConformanceTable } from './conformance-table.ts';

const CAPABILITIES: Readonly<Record<keyof StoreCapabilities, string>> = {
  clock: 'whose clock decides',
  expiryResolutionMs: 'deadlines are exact to, ms',
  listConsistency: 'lists are',
  durable: 'a crash loses no acknowledged write',
  shared: 'several processes use it',
  maxDataBytes: "most bytes of a session's data",
};

const POWERS: Readonly<Record<Need, string>> = {
  shared: 'a second client on the same rows',
  'raw.dump': 'all that is held, as text',
  'raw.size': 'how much is held',
  'raw.damageSession': 'a record made unreadable',
  'raw.dropIndexEntry': 'an entry taken out of an index',
  wire: 'commands, counted',
  faults: 'a line that is cut, hangs, is slow',
  pristine: 'a backend that nobody used yet',
  logs: 'what the store logs',
};

/** The table as Markdown, for people. */
export function conformancePage(table: ConformanceTable, topics: Readonly<Record<string, Checks>>): string {
  const adapters = Object.entries(table);
  const reports = adapters.map(([, report]) => report);
  const grid = (head: string, rows: readonly (readonly [string, (report: AdapterReport) => string])[]): string =>
    gridOf(
      [head, ...adapters.map(([name]) => name)],
      rows.map(([name, cell]) => [name, ...reports.map(cell)]),
    );

  const capabilities = grid(
    'capability',
    Object.entries(CAPABILITIES).map(([key, name]) => [
      name,
      ({ capabilities }) => written(capabilities[key as keyof StoreCapabilities]),
    ]),
  );
  const powers = grid(
    'what a check may need',
    NEEDS.map((need) => [
      `${POWERS[need]} (\`${need}\`)`,
      ({ gives }) => (gives[need] === 'given' ? 'yes' : gives[need]),
    ]),
  );
  const byTopic = grid(
    'topic',
    Object.keys(topics).map((topic) => [`[${topic}](#${topic})`, (report) => topicCell(report, topic)]),
  );
  const named = Object.entries(NAMED_CHECKS) as [string, NamedCheck][];
  const byName = grid(
    'named check',
    named
      .filter(([, { elsewhere }]) => elsewhere === undefined)
      .map(([id, { says }]) => [`**${id}** ${says}`, (report) => namedCell(report, id, topics)]),
  );
  const elsewhere = named.flatMap(([id, check]) =>
    check.elsewhere === undefined
      ? []
      : [`- **${id}** ${check.says}: ${check.elsewhere.reason}; \`${check.elsewhere.guard}\` has it.`],
  );
  const details = Object.entries(topics).map(([topic, checks]) => {
    const rows = Object.keys(checks).map(
      (check) => [check, (report: AdapterReport) => checkCell(report, topic, check)] as const,
    );
    return `### ${topic}\n\n${grid('check', rows)}`;
  });
  return [
    `## Capabilities\n\n${capabilities}`,
    `## What the kit gets\n\nA check that needs more than clients runs where its adapter gives it.\n\n${powers}`,
    `## Commands\n\nEvery operation of every adapter whose commands are counted is one command, but for these:\n\n${commands(adapters)}`,
    `## Topics\n\n${byTopic}`,
    `## Named checks\n\nEach is named because a published store has failed it.\n\n${byName}\n\nNot asked of a store:\n\n${elsewhere.join('\n')}`,
    `## Peer defects\n\nFound in published stores. Stores with the same defects are part of the kit, and each fails it.\n\n${defects()}`,
    `## Checks\n\n${details.join('\n\n')}`,
  ].join('\n\n');
}

function commands(adapters: readonly (readonly [string, AdapterReport])[]): string {
  return adapters
    .flatMap(([name, { severalCommands }]) =>
      Object.entries(severalCommands).map(([operation, reason]) => `- ${name}, \`${operation}\`: ${reason}`),
    )
    .join('\n');
}

function defects(): string {
  const rows = PEER_DEFECTS.map((one, index) => [
    String(index + 1),
    one.peer,
    one.defect,
    'elsewhere' in one ? `${one.elsewhere.reason}; \`${one.elsewhere.guard}\`` : one.foundBy.join(', '),
  ]);
  return gridOf(['', 'peer', 'defect', 'found by'], rows);
}

function gridOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function written(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? value.toLocaleString('en') : value;
}

function topicCell({ leftOut, checks }: AdapterReport, topic: string): string {
  const reason = leftOut[topic];
  if (reason !== undefined) return `left out: ${reason}`;
  return summed(Object.values(checks[topic] ?? {}));
}

function namedCell(report: AdapterReport, id: string, topics: Readonly<Record<string, Checks>>): string {
  const found = checksOf(id, topics);
  const left = new Set(found.flatMap(({ topic }) => report.leftOut[topic] ?? []));
  const results = found.flatMap(({ topic, check }) => report.checks[topic]?.[check] ?? []);
  return [...(results.length > 0 ? [summed(results)] : []), ...[...left].map((why) => `left out: ${why}`)].join('; ');
}

/** `passes`, or how many of how many, and what the others need. */
function summed(results: readonly string[]): string {
  const passed = results.filter((result) => result === PASSES).length;
  const needs = [...new Set(results.filter((result) => result !== PASSES))].map((result) =>
    result.replace('needs ', ''),
  );
  if (needs.length === 0) return PASSES;
  if (passed === 0) return `needs ${needs.join(', ')}`;
  return `${PASSES} ${passed} of ${results.length}; the rest needs ${needs.join(', ')}`;
}

function checkCell({ leftOut, checks }: AdapterReport, topic: string, check: string): string {
  if (leftOut[topic] !== undefined) return 'left out';
  const result = checks[topic]?.[check];
  return result === PASSES ? '✓' : (result ?? '');
}
