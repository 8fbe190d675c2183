import type { Clock, EpochMs } from '@mooring/session-store';
import type { TaskRunner } from '../runs/task-runner.ts';
import { pause } from '../pause.ts';
import type { Task } from '../tasks/task.ts';

export interface TaskSchedulesParts {
  readonly tasks: readonly Task[];
  readonly runner: Pick<TaskRunner, 'runDue' | 'idle'>;
  readonly clock: Clock;
  readonly jitterMs: number;
  readonly random?: () => number;
  /** Ends the schedules. */
  readonly signal: AbortSignal;
}

/** Runs each task when it is due. At the start, what was due last, unless some process has run it. */
export class TaskSchedules {
  private readonly ended: Promise<void>[] = [];

  constructor(private readonly parts: TaskSchedulesParts) {}

  start(): void {
    for (const task of this.parts.tasks) this.ended.push(this.follow(task));
  }

  /** Ends when no task is waited for any more: after the signal. */
  async idle(): Promise<void> {
    await Promise.all(this.ended);
    await this.parts.runner.idle();
  }

  private async follow(task: Task): Promise<void> {
    const { clock, signal } = this.parts;
    let due = task.schedule.previous(clock.now());
    while (!signal.aborted) {
      if (due !== undefined) await this.run(task, due);
      due = task.schedule.next(clock.now());
    }
  }

  private async run(task: Task, due: EpochMs): Promise<void> {
    const { clock, jitterMs, random = Math.random, runner, signal } = this.parts;
    const next = task.schedule.next(due);
    const latestMs = Math.min(jitterMs, (next - due) / 2);
    await pause(clock, Math.max(0, due - clock.now()) + Math.round(random() * latestMs), signal);
    if (!signal.aborted) await runner.runDue(task, due, Math.max(next, clock.now()));
  }
}
