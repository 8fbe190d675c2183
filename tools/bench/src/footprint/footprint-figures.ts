import type { Check, Row } from '../benchmark.ts';
import { quantile, spreadOf } from '../statistics.ts';
import { DATA } from '../stores/visitors.ts';
import type { Footprint } from './footprint.ts';

const DATA_BYTES = Buffer.byteLength(JSON.stringify(DATA));
/** How much more the same number may take after a sweep. */
const MOST_GROWTH = 1.1;

type Bytes = (footprint: Footprint) => number;

function row(name: string, arm: string, runs: readonly Footprint[], bytes: Bytes, reference: Bytes): Row {
  const values = runs.map(bytes);
  return {
    name,
    arm,
    unit: 'bytes',
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    ratio: spreadOf(runs.map((run) => bytes(run) / reference(run))),
  };
}

const numberOf = (sessions: number): string => sessions.toLocaleString('en-GB');

/** Bytes of a session, next to those of its data; then bytes of all, before and after. */
export function footprintRows(backend: string, runs: readonly Footprint[]): Row[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { few, many, peers } = first;
  const ofData: Bytes = () => DATA_BYTES;
  const each = (sessions: number): string =>
    `${backend}, ${numberOf(sessions)} sessions: bytes of each / its ${DATA_BYTES} bytes of data`;
  const whole: Bytes = (run) => run.many.bytes;
  const all = `${backend}: bytes of all / ${numberOf(many.sessions)} sessions`;
  return [
    row(each(few.sessions), 'mooring', runs, (run) => run.few.bytes / run.few.sessions, ofData),
    ...peers.map(({ name }, peer) =>
      row(each(few.sessions), name, runs, (run) => (run.peers[peer]?.bytes ?? 0) / run.few.sessions, ofData),
    ),
    ...(many.sessions > few.sessions
      ? [row(each(many.sessions), 'mooring', runs, (run) => run.many.bytes / run.many.sessions, ofData)]
      : []),
    row(all, 'full', runs, whole, whole),
    row(all, 'all expired and swept', runs, (run) => run.emptyBytes, whole),
    row(all, 'as many again', runs, (run) => run.againBytes, whole),
  ];
}

/** What comes and goes leaves nothing behind that keeps growing. */
export function footprintChecks(backend: string, runs: readonly Footprint[]): Check[] {
  const growth = Math.max(...runs.map((run) => run.againBytes / run.many.bytes));
  return [
    {
      name: `${backend}: as many again, after a sweep / before it`,
      target: `<= ${MOST_GROWTH}`,
      value: growth,
      ok: growth <= MOST_GROWTH,
    },
  ];
}
