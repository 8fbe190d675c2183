import * as fc from 'fast-check';
import { edited } from '../mutation.ts';
import { jsonOf, oddTexts, oddValues } from '../odd-values.ts';
import { resolved } from './document.ts';
import type { ApiDocument, Operation, Route, Schema } from './document.ts';

/** A request as an input says it. `TOKEN` in a header stands for a token that is good. */
export interface HttpInput {
  /** The route that it was made for. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const DEEPEST = 4;

/** Values of a schema, one in ten of another kind. */
function valuesOf(document: ApiDocument, given: Schema | undefined, texts: fc.Arbitrary<string>, depth = 0) {
  const inner = (schema: Schema | undefined): fc.Arbitrary<unknown> => valuesOf(document, schema, texts, depth + 1);
  const proper = (): fc.Arbitrary<unknown> => {
    if (given === undefined || depth > DEEPEST) return oddValues;
    const schema = resolved(document, given);
    const { enum: values, oneOf, anyOf, properties, items } = schema;
    if (values !== undefined) return fc.constantFrom(...values);
    if (schema.const !== undefined) return fc.constant(schema.const);
    const choices = oneOf ?? anyOf;
    if (choices !== undefined) return fc.oneof(...choices.map(inner));
    const type = Array.isArray(schema.type) ? String(schema.type[0]) : schema.type;
    if (type === 'string') return texts;
    if (type === 'boolean') return fc.boolean();
    if (type === 'integer' || type === 'number') {
      const [least, most] = [schema.minimum ?? 0, schema.maximum ?? 100];
      return fc.integer({ min: Math.ceil(least), max: Math.max(Math.ceil(least), Math.floor(most)) });
    }
    if (type === 'array') return fc.array(inner(items), { maxLength: 4 });
    const members = Object.entries(properties ?? {}).map(([name, member]) => [name, inner(member)] as const);
    const requiredKeys = (schema.required ?? []).filter((name) => properties?.[name] !== undefined);
    return fc.record(Object.fromEntries(members), { requiredKeys });
  };
  return fc.oneof({ weight: 9, arbitrary: proper() }, { weight: 1, arbitrary: oddValues });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : jsonOf(value);
}

function headersOf(operation: Operation, mutations: fc.Arbitrary<string>): fc.Arbitrary<Record<string, string>> {
  const named = (operation.parameters ?? []).filter((one) => one.in === 'header').map(({ name }) => name.toLowerCase());
  const values = fc.oneof(oddTexts, mutations, fc.constantFrom('application/json', 'text/csv', 'bytes=0-1', '1'));
  const extra = [...named, 'accept', 'cookie', 'x-request-id', 'traceparent', 'x-forwarded-for', 'content-encoding'];
  return fc
    .tuple(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant('Bearer TOKEN') },
        { weight: 1, arbitrary: values.map((text) => `Bearer ${text}`) },
        { weight: 1, arbitrary: values },
      ),
      fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, { weight: 1, arbitrary: values }),
      fc.array(fc.tuple(fc.constantFrom(...extra), values), { maxLength: 2 }),
    )
    .map(([authorization, type, more]) => ({ authorization, 'content-type': type, ...Object.fromEntries(more) }));
}

function requestsOf(
  document: ApiDocument,
  { method, template, operation }: Route,
  texts: fc.Arbitrary<string>,
  mutations: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const given = operation.parameters ?? [];
  const path = given
    .filter((one) => one.in === 'path')
    .map(({ name }) => fc.tuple(fc.constant(name), fc.oneof(texts, oddTexts.map(encoded)), fc.boolean()));
  const query = given
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) => fc.tuple(fc.constant(name), valuesOf(document, schema, texts), fc.boolean()));
  const json = Object.entries(operation.requestBody?.content ?? {})[0]?.[1].schema;
  const bodies = valuesOf(document, json, texts).map(jsonOf);
  const body =
    operation.requestBody === undefined
      ? fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: mutations })
      : fc.oneof({ weight: 7, arbitrary: bodies }, { weight: 3, arbitrary: edited(bodies, ['{"a":1,"a":2}']) });
  return fc
    .tuple(fc.tuple(...path), fc.tuple(...query), headersOf(operation, mutations), body)
    .map(([places, pairs, headers, text]): string => {
      let filled = template;
      for (const [name, value] of places) filled = filled.replace(`{${name}}`, () => value);
      const asked = pairs.filter(([, , isGiven]) => isGiven);
      const search = asked.map(([name, value]) => `${name}=${encoded(textOf(value))}`).join('&');
      const input: HttpInput = {
        route: `${method} ${template}`,
        method: method.toUpperCase(),
        path: search === '' ? filled : `${filled}?${search}`,
        headers,
        body: text,
      };
      return JSON.stringify(input);
    });
}

/** Half of a pair of code units can't be written into a URL. */
function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '?'));
}

/** Requests of every route of a document, mostly valid. `words` are texts that the API knows. */
export function requests(
  document: ApiDocument,
  routes: readonly Route[],
  words: readonly string[],
  mutations: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const texts = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: oddTexts });
  return fc.oneof(...routes.map((route) => requestsOf(document, route, texts, mutations)));
}
