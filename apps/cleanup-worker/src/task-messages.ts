import { members, pageQuery } from '@mooring/nest-runtime';
import { z } from 'zod';
import type { EpochMs } from '@mooring/session-store';
import type { StoredRun } from '@mooring/session-sweeper';
import type { Task } from './tasks/task.ts';

/** How old the last sign of life of a run may be. Longer than any pause of a sweep whose store fails now and then. */
const LOST_AFTER_MS = 120_000;

export const runRequest = members({
  dryRun: z
    .boolean('must be true or false')
    .optional()
    .meta({ description: 'Count what would go, and delete nothing.' }),
}).optional();
export type RunBody = z.output<typeof runRequest>;

export const runsQuery = pageQuery;
export type RunsQuery = z.output<typeof runsQuery>;

const time = z.string().meta({ example: '2026-11-21T10:00:12.345Z' });

export const runAnswer = z.object({
  id: z.string(),
  task: z.string().meta({ example: 'sweep-auth' }),
  status: z.enum(['waiting', 'running', 'lost', 'done', 'incomplete', 'failed', 'aborted', 'skipped', 'killed']).meta({
    description:
      '`incomplete`: its time was over, the next run goes on. `lost`: its process ended without a word. `killed`: somebody ended it.',
  }),
  trigger: z.enum(['schedule', 'request', 'once']),
  dryRun: z.boolean(),
  instance: z.string().meta({ description: 'The process, as host and process id.', example: 'cleanup-worker-0/1' }),
  attempt: z.number().meta({ description: 'Above 1 when a process before did not end it.' }),
  dueAt: time.nullable(),
  startedAt: time,
  updatedAt: time,
  endedAt: time.nullable(),
  removed: z.number().meta({ description: 'Rows deleted or sessions closed; in a dry run, those that would be.' }),
  progress: z.object({ step: z.string(), removed: z.number() }).nullable(),
  report: z.record(z.string(), z.unknown()),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type RunAnswer = z.output<typeof runAnswer>;

export const runList = z.object({
  runs: z.array(runAnswer),
  nextCursor: z.string().optional().meta({ description: 'For the next page. Absent on the last.' }),
});
export type RunList = z.output<typeof runList>;

export const taskList = z.object({
  tasks: z.array(
    z.object({
      name: z.string().meta({ example: 'sweep-auth' }),
      description: z.string(),
      schedule: z.string().meta({ example: '0 * * * *' }),
      timeZone: z.string().meta({ example: 'UTC' }),
      nextDueAt: time,
      lastRuns: z.array(runAnswer).meta({ description: 'Newest first, of all processes.' }),
    }),
  ),
});
export type TaskList = z.output<typeof taskList>;

export function shownRun({ id, record }: StoredRun, now: EpochMs): RunAnswer {
  const { status, updatedAt, dueAt, startedAt, endedAt, ...rest } = record;
  const isLost = status === 'running' && now - updatedAt > LOST_AFTER_MS;
  return {
    id,
    ...rest,
    status: isLost ? 'lost' : status,
    dueAt: shownTime(dueAt),
    startedAt: new Date(startedAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    endedAt: shownTime(endedAt),
  };
}

export function shownTask(task: Task, runs: readonly StoredRun[], now: EpochMs): TaskList['tasks'][number] {
  const { name, description, schedule } = task;
  return {
    name,
    description,
    schedule: schedule.expression,
    timeZone: schedule.timeZone,
    nextDueAt: new Date(schedule.next(now)).toISOString(),
    lastRuns: runs.map((run) => shownRun(run, now)),
  };
}

function shownTime(time: EpochMs | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
