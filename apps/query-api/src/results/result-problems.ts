import type { ProblemDefinition } from '@mooring/nest-runtime';

/** Of results of the engine that are kept for later. */
export const RESULT_PROBLEMS = {
  result_is_file: {
    status: 409,
    title: 'The result has another form',
    detail: 'The result of an export is read from /download, that of any other query from /rows.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'The file has no such part',
    detail: 'Range begins after the end of the file. Content-Range has its size.',
  },
  result_elsewhere: {
    status: 421,
    title: 'The result is in another folder',
    detail: 'The result is in a folder that this process does not have. Send the request to one that has it.',
  },
  result_too_large: {
    status: 422,
    title: 'The result is too large to be kept',
    detail: 'The result does not fit into what the kept results of a tenant may take on disk.',
  },
  results_not_kept: {
    status: 501,
    title: 'Results are not kept here',
    detail: 'The service has no folder for results of asynchronous queries on the engine. POST /v1/sql needs none.',
  },
  results_unavailable: {
    status: 503,
    title: 'The result can not be kept',
    detail: 'What keeps results does not work at this moment; its disk may be full.',
    retryAfterSeconds: 30,
  },
} as const satisfies Record<string, ProblemDefinition>;
