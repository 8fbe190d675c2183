import { Body, Controller, Get, Inject, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@mooring/auth-tokens';
import { Caller, Roles, TokenGuard } from '@mooring/nest-access';
import { ProblemError, ServiceLifecycle } from '@mooring/nest-runtime';
import { Clock, StoreError } from '@mooring/session-store';
import type { PageRequest } from '@mooring/session-store';
import type { FastifyReply } from 'fastify';
import { RunRecords } from '@mooring/session-sweeper';
import type { RunPage } from '@mooring/session-sweeper';
import { AuditLog } from './audit-log.ts';
import { pause } from './pause.ts';
import { ApiProblems } from './problems.ts';
import { TaskRunner } from './runs/task-runner.ts';
import { runAnswer, runList, runRequest, runsQuery, shownRun, shownTask, taskList } from './task-messages.ts';
import type { RunAnswer, RunBody, RunList, RunsQuery, TaskList } from './task-messages.ts';
import type { Task } from './tasks/task.ts';

/** The tasks of the worker, for injection. */
export const TASKS = Symbol('Tasks');

const LAST_RUNS = 5;
const DEFAULT_PAGE = 20;
/** How long the answer waits for the run to end. */
const WAIT_MS = 2000;

@ApiTags('tasks')
@ApiBearerAuth()
@ApiProblems(401, 403, 503)
@UseGuards(TokenGuard)
@Roles('dba', 'system')
@Controller('tasks')
export class TasksController {
  constructor(
    @Inject(TASKS) private readonly tasks: readonly Task[],
    @Inject(TaskRunner) private readonly runner: TaskRunner,
    @Inject(RunRecords) private readonly records: RunRecords,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the tasks: when each is due, and its last runs in any process' })
  @ApiResponse({ status: 200, description: 'All tasks.', standardSchema: taskList })
  async list(): Promise<TaskList> {
    const pages = await Promise.all(this.tasks.map(({ name }) => this.records.list(name, { limit: LAST_RUNS })));
    const now = this.clock.now();
    return { tasks: this.tasks.map((task, index) => shownTask(task, pages[index]?.runs ?? [], now)) };
  }

  @Get(':name/runs')
  @ApiOperation({ summary: 'List the runs of a task, newest first' })
  @ApiParam({ name: 'name', type: String })
  @ApiResponse({ status: 200, description: 'A page of them.', standardSchema: runList })
  @ApiProblems(400, 404)
  async runs(
    @Param('name') name: string,
    @Query({ schema: runsQuery }) { limit = DEFAULT_PAGE, cursor }: RunsQuery,
  ): Promise<RunList> {
    const { runs, cursor: nextCursor } = await this.page(this.find(name), {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const now = this.clock.now();
    return {
      runs: runs.map((run) => shownRun(run, now)),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };
  }

  @Post(':name/run')
  @ApiOperation({
    summary: 'Run a task now',
    description: 'Answers with the run when it ends within two seconds; else with 202, and the run goes on.',
  })
  @ApiParam({ name: 'name', type: String })
  @ApiResponse({ status: 200, description: 'The run, ended.', standardSchema: runAnswer })
  @ApiResponse({ status: 202, description: 'The run goes on; the list of runs has it.', standardSchema: runAnswer })
  @ApiProblems(400, 404, 409)
  async run(
    @Caller() caller: Principal,
    @Param('name') name: string,
    @Body({ schema: runRequest }) body: RunBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunAnswer> {
    const task = this.find(name);
    const dryRun = body?.dryRun ?? false;
    this.audit.requested(task.name, dryRun, caller);
    const { run, ended } = await this.runner.begin(task, { trigger: 'request', dryRun });
    const over = await Promise.race([ended, pause(this.clock, WAIT_MS, this.lifecycle.signal)]);
    if (over?.record.status === 'skipped') {
      throw new ProblemError('task_running', `${task.name} is running in this or another process.`);
    }
    void reply.code(over === undefined ? 202 : 200).header('cache-control', 'no-store');
    return shownRun(over ?? (await this.records.find(run.id)) ?? run, this.clock.now());
  }

  private async page({ name }: Task, page: PageRequest): Promise<RunPage> {
    try {
      return await this.records.list(name, page);
    } catch (error) {
      if (page.cursor === undefined || !(error instanceof StoreError) || error.code !== 'invalid_argument') throw error;
      const errors = [{ parameter: 'cursor', detail: 'is none that this list gave' }];
      throw new ProblemError('invalid_cursor', 'Take the cursor from the page before, unchanged.', {
        errors,
        cause: error,
      });
    }
  }

  private find(name: string): Task {
    const task = this.tasks.find((candidate) => candidate.name === name);
    if (task === undefined) throw new ProblemError('task_not_found', 'GET /tasks lists the tasks that there are.');
    return task;
  }
}
