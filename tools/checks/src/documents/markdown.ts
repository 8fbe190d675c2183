export interface Link {
  readonly target: string;
  readonly line: number;
}

/** The lines of a document with everything inside code fences emptied, so that line numbers stay. */
export function withoutFences(text: string): readonly string[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) {
      fence = mark;
      return '';
    }
    if (fence === undefined) return line;
    if (mark?.startsWith(fence) === true) fence = undefined;
    return '';
  });
}

/** Links and images of a document, inline and by reference, outside of code. */
export function listLinks(text: string): readonly Link[] {
  return withoutFences(text).flatMap((line, index) => {
    const prose = line.replaceAll(/`[^`]*`/g, '');
    const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((match) => match[1] ?? '');
    const reference = /^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/.exec(prose)?.[1];
    return [...inline, ...(reference === undefined ? [] : [reference])].map((target) => ({ target, line: index + 1 }));
  });
}

export interface Heading {
  readonly level: number;
  readonly title: string;
  readonly line: number;
}

export function listHeadings(text: string): readonly Heading[] {
  return withoutFences(text).flatMap((line, index) => {
    const match = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    return match === null ? [] : [{ level: match[1]?.length ?? 1, title: match[2] ?? '', line: index + 1 }];
  });
}

/** The anchors that a Markdown viewer gives to the headings: lower case, punctuation removed, repeats numbered. */
export function listAnchors(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = listHeadings(text).map(({ title }) => {
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    const repeats = seen.get(slug) ?? 0;
    seen.set(slug, repeats + 1);
    return repeats === 0 ? slug : `${slug}-${repeats}`;
  });
  const explicit = [...text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)].map((match) => match[1] ?? '');
  return new Set([...anchors, ...explicit]);
}
