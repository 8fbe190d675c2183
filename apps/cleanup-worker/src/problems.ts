import { ProblemRegistry, apiProblems } from '@mooring/nest-runtime';
import type { ErrorMapping, ProblemDefinition } from '@mooring/nest-runtime';
import { ACCESS_ERRORS } from '@mooring/nest-access';
import { STORE_ERRORS } from '@mooring/nest-session-store';

const PROBLEMS = {
  invalid_cursor: {
    status: 400,
    title: 'The cursor is none of this list',
    detail: 'Take the cursor from the page before, unchanged.',
  },
  task_not_found: {
    status: 404,
    title: 'There is no such task',
    detail: 'GET /tasks lists the tasks that there are.',
  },
  task_running: {
    status: 409,
    title: 'The task is running',
    detail: 'This or another process runs the task right now. GET /tasks shows how far it is.',
  },
  store_unavailable: {
    status: 503,
    title: 'The session store does not answer',
    detail: 'Neither tokens nor runs can be looked up right now. Try again after the time in Retry-After.',
    retryAfterSeconds: 2,
  },
  shutting_down: {
    status: 503,
    title: 'This process is shutting down',
    detail: 'Another process takes the request. Send it again.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemDefinition>;

/** Every code of every package that the service uses: a new one does not compile until it is here. */
const ERRORS: Record<keyof typeof ACCESS_ERRORS | keyof typeof STORE_ERRORS, ErrorMapping | string> = {
  ...ACCESS_ERRORS,
  ...STORE_ERRORS,
};

export const problems = new ProblemRegistry({ problems: PROBLEMS, errors: ERRORS });

/** Documents the problems of these statuses, each with its codes. */
export const ApiProblems = apiProblems(problems, '/tasks/sweep-auth/run');
