import type { Benchmark, Row } from '../benchmark.ts';
import type { ReportFile, ReportPart } from './report-file.ts';

export function rowOf(name: string, arm: string, p50: number, ratio = 1): Row {
  return {
    name,
    arm,
    unit: 'ms',
    p50,
    p95: p50 * 2,
    p99: p50 * 3,
    ratio: { median: ratio, min: ratio - 0.1, max: ratio + 0.1 },
  };
}

export function partOf(part: string, rows: readonly Row[] = [rowOf('get / raw', 'mooring', 0.126, 1.2)]): ReportPart {
  return {
    part,
    quick: false,
    runs: 5,
    stamp: {
      date: '2026-11-26 23:40',
      command: `npm run bench -- stores --backend ${part} --report`,
      commit: '0123456789',
      machine: { cpu: 'a CPU', cores: 2, memoryGib: 24, system: 'Linux 6', node: '20.20.2' },
      servers: { PostgreSQL: '18.4' },
      load: { start: 0.1, end: 1.5 },
      seconds: 60,
    },
    rows,
    checks: [{ name: 'get / raw', target: '<= 1.15', value: 1.2, ok: false }],
  };
}

export function fileOf(...parts: readonly ReportPart[]): ReportFile {
  return { benchmark: 'stores', conditions: ['On one machine.'], parts };
}

/** Reports one row for each part that it is asked for. */
export const counting: Benchmark = {
  name: 'counting',
  summary: 'how often it ran',
  conditions: ['None.'],
  sections: ['one', 'two'],
  run: async ({ runs, sections, progress }) => {
    progress(`run ${runs} of ${runs}`);
    const rows = sections.map((section) => rowOf(`${section} / itself`, 'arm', runs));
    return { benchmark: 'counting', runs, rows, checks: [{ name: 'ran', target: '1', value: 1, ok: true }] };
  },
};
