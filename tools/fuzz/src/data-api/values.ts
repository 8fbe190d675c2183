import * as fc from 'fast-check';
import { oddTexts, oddValues } from '../odd-values.ts';
import type { Shape } from './model.ts';

/** Texts that a member of this name may have. */
export type Words = Readonly<Record<string, fc.Arbitrary<string>>>;

function numbersOf(name: string): fc.Arbitrary<number> {
  if (name === 'WaitTimeSeconds') return fc.constantFrom(1, 2, 30);
  return fc.oneof(fc.nat({ max: 100 }), fc.constantFrom(0, -1, 86_400, 2 ** 31, 1e15, 0.5));
}

/** Values of a shape, one in sixteen of another kind. Members that need not be there are there at times. */
export function valuesOf(shape: Shape, words: Words, name = ''): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary: properValues(shape, words, name) }, { weight: 1, arbitrary: oddValues });
}

function properValues(shape: Shape, words: Words, name: string): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'number':
      return numbersOf(name);
    case 'flag':
      return fc.boolean();
    case 'time':
      return fc.constantFrom(1_700_000_000.5, 0, -1, 1e18);
    case 'list':
      return fc.array(valuesOf(shape.of, words, name), { maxLength: 4 });
    case 'members':
      return membersOf(shape, words);
    default:
      return fc.oneof({ weight: 9, arbitrary: words[name] ?? fc.constant('x') }, { weight: 1, arbitrary: oddTexts });
  }
}

/** Objects with the members of a shape that are required or named, and up to three others, but of these. */
export function membersOf(
  shape: Shape & { readonly kind: 'members' },
  words: Words,
  { named = [], not = [] }: { readonly named?: readonly string[]; readonly not?: readonly string[] } = {},
): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(shape.members);
  const always = names.filter((name) => shape.required.includes(name) || named.includes(name));
  const others = names.filter((name) => !always.includes(name) && !not.includes(name));
  const chosen = shape.isUnion
    ? fc.constantFrom(...names).map((name) => [name])
    : fc.subarray(others, { maxLength: Math.min(3, others.length) }).map((some) => [...always, ...some]);
  return chosen.chain((members) =>
    fc.record(
      Object.fromEntries(members.map((name) => [name, valuesOf(shape.members[name] ?? { kind: 'text' }, words, name)])),
    ),
  );
}
