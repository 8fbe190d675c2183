/** Whether a value has the shape that is asked for; more than that is allowed. */
export type Shape = (value: unknown) => boolean;

export const text: Shape = (value) => typeof value === 'string';
export const flag: Shape = (value) => typeof value === 'boolean';
export const whole: Shape = (value) => Number.isSafeInteger(value);
export const time: Shape = (value) => typeof value === 'number' && Number.isFinite(value);

export function nullOr(shape: Shape): Shape {
  return (value) => value === null || shape(value);
}

export function oneOf(...values: readonly string[]): Shape {
  return (value) => typeof value === 'string' && values.includes(value);
}

/** One of the names of a type, each of which is listed: the compiler sees when the type gets another one. */
export function nameOf<Name extends string>(names: Readonly<Record<Name, true>>): Shape {
  return oneOf(...Object.keys(names));
}

export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value) =>
    isObject(value) &&
    Object.entries(shapes).every(([name, shape]) => Object.hasOwn(value, name) && shape(value[name]));
}

/** An object with any names, whose values have the shape. */
export function namedValues(shape: Shape): Shape {
  return (value) => isObject(value) && Object.values(value).every(shape);
}

export function either(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((shape) => shape(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
