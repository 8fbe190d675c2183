import * as sdk from '@aws-sdk/client-redshift-data';

/** What the SDK's own model of the service says a value is. */
export type Shape =
  | { readonly kind: 'text' | 'number' | 'flag' | 'time' | 'bytes' }
  | { readonly kind: 'list'; readonly of: Shape }
  | {
      readonly kind: 'members';
      readonly members: Readonly<Record<string, Shape>>;
      readonly required: readonly string[];
      /** Exactly one of the members. */
      readonly isUnion: boolean;
    };

export interface ApiOperation {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
}

const SIMPLE: Readonly<Record<number, Shape>> = {
  0: { kind: 'text' },
  1: { kind: 'number' },
  2: { kind: 'flag' },
  4: { kind: 'time' },
  21: { kind: 'bytes' },
};
const LIST_OF = 64;
const [LIST, MEMBERS, UNION, OPERATION] = [1, 3, 4, 9];

/** Follows the form of `@smithy/types` static schemas, as far as this service has them. */
function shapeOf(schema: unknown): Shape {
  if (typeof schema === 'function') return shapeOf((schema as () => unknown)());
  if (typeof schema === 'number') {
    const simple = SIMPLE[schema & (LIST_OF - 1)];
    if (simple === undefined) throw new Error(`the model has a schema ${schema}, which is not known here`);
    return schema >= LIST_OF ? { kind: 'list', of: simple } : simple;
  }
  const parts = schema as readonly unknown[];
  // A schema with traits, as opposed to one with a namespace.
  if (typeof parts[1] !== 'string') return shapeOf(parts[0]);
  if (parts[0] === LIST) return { kind: 'list', of: shapeOf(parts[4]) };
  if (parts[0] !== MEMBERS && parts[0] !== UNION) throw new Error(`the model has a schema of kind ${String(parts[0])}`);
  const [names, schemas] = [parts[4] as readonly string[], parts[5] as readonly unknown[]];
  return {
    kind: 'members',
    members: Object.fromEntries(names.map((name, index) => [name, shapeOf(schemas[index])])),
    required: names.slice(0, (parts[6] as number | undefined) ?? 0),
    isUnion: parts[0] === UNION,
  };
}

/** All operations of the Data API. */
export const API_OPERATIONS: readonly ApiOperation[] = Object.values(sdk as Readonly<Record<string, unknown>>)
  .filter((value): value is readonly unknown[] => Array.isArray(value) && value[0] === OPERATION)
  .map((schema) => ({ name: String(schema[2]), input: shapeOf(schema[4]), output: shapeOf(schema[5]) }));

/** @throws when a value is not of the shape; members that the model does not have count as well */
export function requireShape(shape: Shape, value: unknown, where: string): void {
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw new Error(`${where} is no list`);
    for (const item of value) requireShape(shape.of, item, `${where}[]`);
    return;
  }
  if (shape.kind !== 'members') {
    if (!isSimple(shape.kind, value)) throw new Error(`${where} is no ${shape.kind}`);
    return;
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${where} has no members`);
  const given = Object.entries(value);
  for (const name of shape.required) if (!Object.hasOwn(value, name)) throw new Error(`${where} has no ${name}`);
  if (shape.isUnion && given.length !== 1) throw new Error(`${where} has ${given.length} members instead of one`);
  for (const [name, member] of given) {
    const known = shape.members[name];
    if (known === undefined) throw new Error(`${where} has a member ${name}, which the model has not`);
    requireShape(known, member, `${where}.${name}`);
  }
}

const NOT_FINITE = new Set<unknown>(['NaN', 'Infinity', '-Infinity']);

function isSimple(kind: 'text' | 'number' | 'flag' | 'time' | 'bytes', value: unknown): boolean {
  if (kind === 'number') return typeof value === 'number' || NOT_FINITE.has(value);
  if (kind === 'time') return typeof value === 'number';
  return typeof value === (kind === 'flag' ? 'boolean' : 'string');
}
