import { setTimeout } from 'node:timers/promises';
import type { ServiceProcess } from '@mooring/services';
import { runProgram } from '@mooring/services';
import type { Site } from '../site/site.ts';
import { SWEEP_TASK } from '../load/sweeps.ts';
import { lineOf } from './verdict.ts';
import type { Line } from './verdict.ts';

const WITHIN_MS = 90_000;
const POLL_MS = 200;
const FAILED_UNEXPECTEDLY = /Request failed unexpectedly|unhandled|uncaught|"level":"fatal"/gi;

/** What the processes of a site were like before a drill. */
export class SiteWatch {
  private readonly ended = new Set<ServiceProcess>();
  private readonly failures: number;
  private readonly sweptTwice: ReadonlySet<string>;

  constructor(private readonly site: Site) {
    for (const pod of site.pods) void pod.exited.then(() => this.ended.add(pod));
    this.failures = failuresIn(site);
    this.sweptTwice = sweptTwice(site);
  }

  /** Whether every process is the one it was, and nothing went wrong in a way that nobody thought of. */
  judgeProcesses(): Line {
    const gone = [...this.ended].filter((pod) => !this.site.wasKilled(pod)).map((pod) => `${pod.url} ended by itself`);
    const failures = failuresIn(this.site) - this.failures;
    const wrong = failures > 0 ? [...gone, `${failures} unexpected failures in the logs`] : gone;
    return lineOf('no process ends or fails unexpectedly', wrong, `${this.site.pods.length} processes`);
  }

  async judgeSweeps(token: string): Promise<readonly Line[]> {
    const twice = [...sweptTwice(this.site)].filter((run) => !this.sweptTwice.has(run));
    const deadline = performance.now() + WITHIN_MS;
    let last = '';
    while (last !== 'done' && performance.now() < deadline) {
      const answer = await this.site.fleets.worker.ask('POST', `/tasks/${SWEEP_TASK}/run`, { token, body: {} });
      last = answer.status === 200 ? String(answer.body['status']) : `${answer.status} ${String(answer.body['code'])}`;
      if (last !== 'done') await setTimeout(POLL_MS);
    }
    return [
      lineOf(
        'one sweep at a time',
        twice.map((run) => `run ${run} was done twice`),
        'no scheduled run done twice',
      ),
      lineOf('sweeps go on', last === 'done' ? [] : [`the last one: ${last}`], 'one was done after it'),
    ];
  }
}

/** Ends the query API in order, and looks for what it left behind. */
export async function judgePool(site: Site): Promise<Line> {
  await site.fleets.query.stop();
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const [slots, stats] = [await listSlots(site), await site.warehouse.stats()];
    const held = slots.filter(({ state }) => state === 'leased' || state === 'opening');
    const sessions = slots.filter(({ sessionId }) => sessionId !== null).length;
    const wrong = held.map(({ state, holder }) => `a slot is ${state} by ${String(holder)}`);
    if (stats.statementsRunning > 0) wrong.push(`${stats.statementsRunning} statements run`);
    if (stats.sessionsOpen > sessions)
      wrong.push(`${stats.sessionsOpen} sessions are open, the pool knows ${sessions}`);
    const line = lineOf('nothing is left behind', wrong, `${slots.length} slots, ${stats.sessionsOpen} sessions open`);
    if (line.ok || performance.now() > deadline) return line;
    await setTimeout(POLL_MS);
  }
}

/** Waits until every pod says that it is ready, with no help. */
export async function untilReady({ pods }: Site): Promise<Line> {
  const startedAt = performance.now();
  const late = new Set(pods);
  while (late.size > 0 && performance.now() < startedAt + WITHIN_MS) {
    for (const pod of late) {
      const status = await fetch(`${pod.url}/health/ready`).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      if (status === 200) late.delete(pod);
    }
    if (late.size > 0) await setTimeout(POLL_MS);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return lineOf(
    'every pod is ready again',
    [...late].map(({ url }) => `${url} is not`),
    `after ${seconds} s`,
  );
}

interface Slot {
  readonly state: string;
  readonly sessionId: string | null;
  readonly holder: string | null;
}

/** As the operator's command shows them. */
async function listSlots({ operatorEnv }: Site): Promise<readonly Slot[]> {
  const args = ['pool', 'list', '--json'];
  const program = runProgram({ script: 'apps/mooring-cli/dist/main.js', args, env: operatorEnv });
  const code = await program.exited;
  if (code !== 0) throw new Error(`mooring pool list ended with ${String(code)}: ${program.output()}`);
  return (JSON.parse(program.output()) as { readonly sessions: readonly Slot[] }).sessions;
}

function failuresIn({ fleets }: Site): number {
  return Object.values(fleets).reduce((sum, fleet) => sum + (fleet.log().match(FAILED_UNEXPECTEDLY)?.length ?? 0), 0);
}

interface Ended {
  readonly run: string;
  readonly attempt: number;
  readonly trigger: string;
  readonly status: string;
}

/** Scheduled runs that more than one worker says it did. */
function sweptTwice({ fleets: { worker } }: Site): ReadonlySet<string> {
  const done = new Map<string, number>();
  for (const line of worker.log().split('\n')) {
    if (!line.includes('"task_ended"')) continue;
    const { audit } = JSON.parse(line) as { readonly audit: Ended };
    // A run whose end could not be recorded is gone on with by another process: that is another attempt.
    const attempt = `${audit.run}, attempt ${audit.attempt}`;
    if (audit.trigger === 'schedule' && audit.status === 'done') done.set(attempt, (done.get(attempt) ?? 0) + 1);
  }
  return new Set([...done].filter(([, times]) => times > 1).map(([run]) => run));
}
