import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problems } from '../problems.ts';

/** Documents the problems of these statuses, each with its codes. */
export function ApiProblems(...statuses: readonly number[]): MethodDecorator & ClassDecorator {
  return applyDecorators(...statuses.map((status) => ApiResponse(responseOf(status))));
}

function responseOf(status: number) {
  const matching = Object.entries(problems.problems).filter(([, problem]) => problem.status === status);
  const examples = matching.map(([code, { title, detail }]) => {
    const example = { type: `urn:mooring:problem:${code}`, title, status, code, detail, instance: '/v1/queries' };
    return [code, { value: { ...example, requestId: '4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55' } }] as const;
  });
  return {
    status,
    description: matching.map(([code]) => `\`${code}\``).join(', '),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/ProblemDetails' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}
