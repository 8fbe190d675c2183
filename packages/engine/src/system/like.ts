/** LIKE, in at most the product of both lengths: `%` any characters, `_` one, a backslash before either takes it as it is. */
export function likeMatches(text: string, pattern: string, ignoresCase = false): boolean {
  const value = Array.from(ignoresCase ? text.toLowerCase() : text);
  const parts = partsOf(ignoresCase ? pattern.toLowerCase() : pattern);
  let at = 0;
  let part = 0;
  let anyAt = -1;
  let anyFrom = 0;
  while (at < value.length) {
    const wanted = parts[part];
    if (wanted === ANY) {
      anyAt = part;
      anyFrom = at;
      part += 1;
    } else if (wanted !== undefined && (wanted === ONE || wanted === value[at])) {
      at += 1;
      part += 1;
    } else if (anyAt >= 0) {
      anyFrom += 1;
      at = anyFrom;
      part = anyAt + 1;
    } else return false;
  }
  while (parts[part] === ANY) part += 1;
  return part === parts.length;
}

const ANY = Symbol('%');
const ONE = Symbol('_');

function partsOf(pattern: string): readonly (string | symbol)[] {
  const parts: (string | symbol)[] = [];
  const characters = Array.from(pattern);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    if (character === '%') parts.push(ANY);
    else if (character === '_') parts.push(ONE);
    else if (character === '\\') {
      index += 1;
      parts.push(characters[index] ?? '\\');
    } else parts.push(character);
  }
  return parts;
}
