import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { ProblemRegistry } from './problem-registry.ts';

/**
 * A decorator that documents the problems of some statuses, each with its codes: `@ApiProblems(400, 503)`. `instance` is a
 * path of the service, for the examples.
 */
export function apiProblems(
  { problems }: ProblemRegistry,
  instance: string,
): (...statuses: readonly number[]) => MethodDecorator & ClassDecorator {
  const responseOf = (status: number) => {
    const matching = Object.entries(problems).filter(([, problem]) => problem.status === status);
    const examples = matching.map(([code, { title, detail }]) => {
      const example = { type: `urn:mooring:problem:${code}`, title, status, code, detail, instance };
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
  };
  return (...statuses) => applyDecorators(...statuses.map((status) => ApiResponse(responseOf(status))));
}
