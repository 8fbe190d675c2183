import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata } from '@nestjs/common';
import { ProblemError } from './problem-error.ts';
import type { ProblemFault } from './problem-details.ts';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Of a union, as zod reports it: what is wrong with the value as each of its members. */
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * Checks what a handler declares with a schema (`@Body({ schema })`, `@Query({ schema })`, `@Param({ schema })`) and
 * answers `validation_failed` with one entry for each fault.
 */
export class RequestValidation extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (metadata.schema === undefined) return value;
    const result = await metadata.schema['~standard'].validate(value);
    if (result.issues === undefined) return result.value as T;
    throw validationProblem(result.issues.flatMap(withinUnion).map((issue) => faultOf(issue, metadata)));
  }
}

/** Where the value is of the kind of one member of a union, what is wrong inside of it, instead of the whole union. */
function withinUnion(issue: Issue): Issue[] {
  const meant = issue.errors?.find((faults) => faults.length > 0 && faults.every(({ path = [] }) => path.length > 0));
  if (meant === undefined) return [issue];
  const outer = issue.path ?? [];
  return meant.map((fault) => ({ ...fault, path: [...outer, ...(fault.path ?? [])] })).flatMap(withinUnion);
}

/** The problem of a request with these faults. */
export function validationProblem(errors: readonly ProblemFault[]): ProblemError {
  const detail =
    errors.length === 1
      ? 'The request has a fault; see errors.'
      : `The request has ${errors.length} faults; see errors.`;
  return new ProblemError('validation_failed', detail, { errors });
}

function faultOf(issue: Issue, { type, data }: ArgumentMetadata): ProblemFault {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  if (type !== 'body') return { parameter: [data, ...path].filter(Boolean).join('.'), detail: issue.message };
  const pointer = [...(data === undefined ? [] : [data]), ...path].map(escaped);
  return { pointer: `#${pointer.map((part) => `/${part}`).join('')}`, detail: issue.message };
}

/** RFC 6901, as a URI fragment. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
