import { apiProblems } from '@mooring/nest-runtime';
import { problems } from './problems.ts';

/** Documents the problems of these statuses, each with its codes. */
export const ApiProblems = apiProblems(problems, '/v1/queries');
