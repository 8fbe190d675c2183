import { validationProblem } from '@mooring/nest-runtime';
import type { NamedParameter } from '@mooring/redshift-sessions';
import type { QueryRequest } from './query-request.ts';

type Given = Pick<QueryRequest, 'parameters' | 'namespace' | 'export' | 'session' | 'overflow'>;
type ParameterValue = string | number | boolean;

const OF_THE_WAREHOUSE = ['session', 'overflow'] as const;

/** What goes with a namespace, and what without one. @throws ProblemError `validation_failed` */
export function assertForm(request: Given): void {
  if (request.namespace === undefined) {
    if (request.export !== undefined) throw fault('export', 'goes with namespace only');
    if (isListOfValues(request.parameters) && request.parameters?.length !== 0) {
      throw fault('parameters', 'is a list of values, which goes with namespace only');
    }
    return;
  }
  for (const name of OF_THE_WAREHOUSE) {
    if (request[name] !== undefined) throw fault(name, 'does not go with namespace');
  }
  if (request.parameters !== undefined && !isListOfValues(request.parameters)) {
    throw fault('parameters', 'must be a list of values with namespace');
  }
}

/** For the warehouse. */
export function namedParameters({ parameters = {} }: Given): readonly (readonly [string, ParameterValue])[] {
  if (!Array.isArray(parameters)) return Object.entries(parameters);
  return parameters.flatMap((given) => (isNamed(given) ? [[given.name, given.value] as const] : []));
}

/** For the engine. */
export function positionalParameters({ parameters }: Given): readonly (ParameterValue | null)[] {
  return Array.isArray(parameters) ? parameters.flatMap((given) => (isNamed(given) ? [] : [given])) : [];
}

function isListOfValues(parameters: Given['parameters']): boolean {
  return Array.isArray(parameters) && !parameters.some(isNamed);
}

function isNamed(given: NamedParameter | ParameterValue | null): given is NamedParameter {
  return typeof given === 'object' && given !== null;
}

function fault(member: keyof Given, detail: string): Error {
  return validationProblem([{ pointer: `#/${member}`, detail }]);
}
