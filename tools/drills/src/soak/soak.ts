import { setTimeout } from 'node:timers/promises';
import { tokenOf } from '@mooring/e2e';
import { CALLERS } from '../load/callers.ts';
import { Ledger } from '../load/ledger.ts';
import { Load } from '../load/load.ts';
import { startPeople } from '../site/people.ts';
import type { Site } from '../site/site.ts';
import { SiteWatch, judgePool } from '../verdict/site-verdict.ts';
import { judgeStatements } from '../verdict/ledger-verdict.ts';
import { startReadback } from '../verdict/site-readback.ts';
import { lineOf } from '../verdict/verdict.ts';
import type { Line } from '../verdict/verdict.ts';
import { judgeFlatness } from './flatness.ts';
import type { Flatness } from './flatness.ts';
import { Sampler } from './sampler.ts';
import type { Sample } from './sampler.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly sampleSeconds: number;
  readonly progress: (line: string) => void;
}

export interface SoakReport {
  readonly backend: string;
  readonly minutes: number;
  readonly ok: boolean;
  readonly series: readonly Flatness[];
  readonly lines: readonly Line[];
  readonly samples: readonly Sample[];
}

/** Keeps mixed load up, looks at every process now and then, and judges what grew. */
export async function soak(site: Site, { minutes, sampleSeconds, progress }: SoakOptions): Promise<SoakReport> {
  const ledger = new Ledger();
  const people = await startPeople(site, ledger);
  const readback = await startReadback(site, people);
  const watch = new SiteWatch(site);
  const sampler = new Sampler(site, await tokenOf(site.fleets, people.visitor));
  const load = new Load({ fleets: site.fleets, ledger, wasKilled: () => false, people, keepsSessions: false }, CALLERS);
  const deadline = performance.now() + minutes * 60_000;
  try {
    while (performance.now() < deadline) {
      await setTimeout(Math.min(sampleSeconds * 1000, Math.max(0, deadline - performance.now())));
      await sampler.take();
      const leftMinutes = Math.max(0, deadline - performance.now()) / 60_000;
      progress(
        `${sampler.samples.length} samples, ${ledger.faults.length} faults, ${leftMinutes.toFixed(1)} minutes left`,
      );
    }
  } finally {
    await load.end();
  }
  const served = [...load.counts()].map(([name, count]) => `${count} ${name}`).join(', ');
  const lines = [
    lineOf('answers are documented', ledger.faults, served),
    ...(await judgeStatements(ledger, readback)),
    ...(await watch.judgeSweeps(people.root.token)),
    watch.judgeProcesses(),
    await judgePool(site),
  ];
  const series = judge(sampler);
  const ok = lines.every((line) => line.ok) && series.every(({ flat }) => flat);
  return { backend: site.backend, minutes, ok, series, lines, samples: sampler.samples };
}

function judge({ samples, measures }: Sampler): readonly Flatness[] {
  return [...measures].map(([name, { unit, bound }]) => {
    const points = samples.flatMap(({ at, values }) => {
      const value = values.get(name);
      return value === undefined ? [] : [{ at, value }];
    });
    return judgeFlatness(name, unit, points, bound);
  });
}
