import * as fc from 'fast-check';

type Edit = (text: string) => string;

const LONGEST = 60_000;

/** Characters that readers of text trip over. */
const ODD = [
  ...[
    '\0',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\u202e',
    '\ud800',
    '\udc00',
    '\u{1f600}',
    'e\u0301',
  ],
  ...[
    "'",
    '"',
    '`',
    '\\',
    '$$',
    '$1',
    ';',
    '--',
    '/*',
    '*/',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '<',
    '>',
    ',',
    '.',
    ':',
    '::',
  ],
  ...['%00', '%2e%2e', '..', '/', '?', '#', '&', '=', '+', '-', '_', '~', '@', '|', '!', '\x7f', '\x1b'],
  ...['0', '-1', '1e999', '9007199254740993', '0x10', 'NaN', 'null', 'true', '__proto__', 'constructor'],
];

const place = fc.nat({ max: 1_000_000 });

function at(text: string, where: number): number {
  return Math.floor((where / 1_000_001) * (text.length + 1));
}

function between(text: string, one: number, other: number): readonly [number, number] {
  const [from, to] = [at(text, one), at(text, other)];
  return from < to ? [from, to] : [to, from];
}

function edits(corpus: readonly string[]): fc.Arbitrary<Edit> {
  const odd = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }));
  return fc.oneof(
    fc.tuple(place, odd).map(([where, what]): Edit => {
      return (text) => text.slice(0, at(text, where)) + what + text.slice(at(text, where));
    }),
    fc.tuple(place, odd).map(([where, what]): Edit => {
      return (text) => text.slice(0, at(text, where)) + what + text.slice(at(text, where) + what.length);
    }),
    fc.tuple(place, place).map(([one, other]): Edit => {
      return (text) => {
        const [from, to] = between(text, one, other);
        return text.slice(0, from) + text.slice(to);
      };
    }),
    fc.tuple(place, place, fc.integer({ min: 2, max: 64 })).map(([one, other, times]): Edit => {
      return (text) => {
        const [from, to] = between(text, one, other);
        return text.slice(0, from) + text.slice(from, to).repeat(times) + text.slice(to);
      };
    }),
    fc.tuple(place, fc.constantFrom(...corpus), place, place).map(([where, other, one, two]): Edit => {
      return (text) => {
        const [from, to] = between(other, one, two);
        return text.slice(0, at(text, where)) + other.slice(from, to) + text.slice(at(text, where));
      };
    }),
    fc
      .tuple(place, place, fc.constantFrom('()', '[]', '{}', '""', "''", '/**/'), fc.integer({ min: 1, max: 300 }))
      .map(([one, other, pair, depth]): Edit => (text) => {
        const [from, to] = between(text, one, other);
        const half = pair.length / 2;
        const [open, close] = [pair.slice(0, half).repeat(depth), pair.slice(half).repeat(depth)];
        return text.slice(0, from) + open + text.slice(from, to) + close + text.slice(to);
      }),
    fc.constant<Edit>((text) => text.toUpperCase()),
  );
}

/** Texts with up to five edits, for which pieces of the corpus serve, too. */
export function edited(texts: fc.Arbitrary<string>, corpus: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(texts, fc.array(edits(corpus), { minLength: 1, maxLength: 5 }))
    .map(([text, changes]) => changes.reduce((so, edit) => edit(so).slice(0, LONGEST), text));
}

/** Inputs of a corpus with up to five edits. */
export function mutations(corpus: readonly string[]): fc.Arbitrary<string> {
  return edited(fc.constantFrom(...corpus), corpus);
}
