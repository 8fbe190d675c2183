import { setTimeout } from 'node:timers/promises';
import type { Drill, Exemption } from './drill.ts';
import { CALLERS } from './load/callers.ts';
import { Ledger } from './load/ledger.ts';
import { Load } from './load/load.ts';
import { GRACE_SECONDS } from './site/site.ts';
import type { Site } from './site/site.ts';
import { startPeople } from './site/people.ts';
import { judgeLedger } from './verdict/ledger-verdict.ts';
import { startReadback } from './verdict/site-readback.ts';
import { judgePool, SiteWatch, untilReady } from './verdict/site-verdict.ts';
import { lineOf } from './verdict/verdict.ts';
import type { Line } from './verdict/verdict.ts';

export interface DrillOptions {
  /** How long the fault lasts. */
  readonly seconds: number;
  readonly progress: (line: string) => void;
}

export interface DrillReport {
  readonly drill: string;
  readonly backend: string;
  readonly seconds: number;
  readonly ok: boolean;
  readonly lines: readonly Line[];
}

/** How often each kind of client gets through before the fault, and again after it. */
const TIMES = 3;
const ANSWERED_WITHIN_MS = 120_000;

/** Breaks something under load, ends that, and compares what was acknowledged with what is there. */
export async function runDrill(site: Site, drill: Drill, { seconds, progress }: DrillOptions): Promise<DrillReport> {
  await site.completePods();
  const ledger = new Ledger();
  const people = await startPeople(site, ledger);
  const readback = await startReadback(site, people);
  const watch = new SiteWatch(site);
  const wasKilled = (pod: Parameters<Site['wasKilled']>[0]): boolean => site.wasKilled(pod);
  const load = new Load({ fleets: site.fleets, ledger, wasKilled, people, keepsSessions: true }, CALLERS);
  const lines: Line[] = [];
  try {
    const unserved = await load.answered(TIMES, ANSWERED_WITHIN_MS);
    lines.push(
      lineOf(
        'load is answered before',
        unserved.map((name) => `${name} are not`),
        formatCounts(load),
      ),
    );
    progress(`${drill.name}: breaks it for ${seconds} s`);
    await drill.inject(site);
    await setTimeout(seconds * 1000);
    progress(`${drill.name}: ends the fault`);
    await drill.recover(site);
    lines.push(await untilReady(site));
    const startedAt = performance.now();
    const late = await load.answered(TIMES, ANSWERED_WITHIN_MS);
    const after = `after ${((performance.now() - startedAt) / 1000).toFixed(1)} s; ${formatCounts(load)}`;
    lines.push(
      lineOf(
        'load is answered again',
        late.map((name) => `${name} are not`),
        after,
      ),
    );
  } finally {
    await load.end();
  }
  await setTimeout((GRACE_SECONDS + 1) * 1000);
  progress(`${drill.name}: reads back`);
  lines.push(...(await judgeLedger(ledger, readback)));
  lines.push(...(await watch.judgeSweeps(people.root.token)), watch.judgeProcesses(), await judgePool(site));
  const judged = lines.map((line) => exempted(line, drill, site));
  const report = { drill: drill.name, backend: site.backend, seconds, lines: judged };
  return { ...report, ok: judged.every(({ ok }) => ok) };
}

function exempted(line: Line, { exempt = {} }: Drill, { backend }: Site): Line {
  const found = exempt[line.name as Exemption];
  if (found === undefined || !found.backends.includes(backend)) return line;
  return { name: line.name, ok: true, reason: `not judged: ${found.why}` };
}

function formatCounts(load: Load): string {
  return [...load.counts()].map(([name, count]) => `${count} ${name}`).join(', ');
}
