/**
 * The name of a member that an object in this JSON has twice, or undefined. `JSON.parse` keeps the last one in silence,
 * so what was sent and what is acted upon differ. The text must be valid JSON.
 */
export function repeatedMember(json: string): string | undefined {
  const scopes: (Set<string> | null)[] = [];
  let index = 0;
  while (index < json.length) {
    const character = json[index];
    if (character === '{') scopes.push(new Set());
    else if (character === '[') scopes.push(null);
    else if (character === '}' || character === ']') scopes.pop();
    else if (character === '"') {
      const end = endOfString(json, index);
      const names = scopes.at(-1);
      if (names && isMemberName(json, end)) {
        const name = JSON.parse(json.slice(index, end)) as string;
        if (names.has(name)) return name;
        names.add(name);
      }
      index = end;
      continue;
    }
    index += 1;
  }
  return undefined;
}

/** The index after the closing quote. */
function endOfString(json: string, start: number): number {
  let index = start + 1;
  while (index < json.length && json[index] !== '"') index += json[index] === '\\' ? 2 : 1;
  return index + 1;
}

function isMemberName(json: string, after: number): boolean {
  let index = after;
  while (/[ \t\r\n]/.test(json[index] ?? '')) index += 1;
  return json[index] === ':';
}
