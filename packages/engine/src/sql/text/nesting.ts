import { SQL_LIMITS } from '../limits.ts';
import { isMark } from './lexer.ts';
import type { Token } from './lexer.ts';
import type { Places } from './places.ts';

const PER_LEVEL = 4;
const TOO_DEEP =
  `The statement nests too deeply, a depth of ${SQL_LIMITS.depth} is accepted: a pair of brackets or a CASE counts ${PER_LEVEL}, ` +
  'a word, an operator, a join or a UNION 1. Split it, name parts of it by WITH, or use IN and VALUES for long lists';
const RELATIONAL: ReadonlySet<string> = new Set(['join', 'union', 'intersect', 'except']);
/** No expression goes on over one of these within its brackets, but for the AND of a BETWEEN. */
const SEPARATORS: ReadonlySet<string> = new Set([',', 'and', 'or', 'on', 'when', 'then', 'else']);
const OPENING: ReadonlySet<string> = new Set(['(', '[', 'case']);
const CLOSING: ReadonlySet<string> = new Set([')', ']', 'end']);

/** What is between a pair of brackets, or a CASE and its END. */
interface Level {
  readonly opening: string;
  /** Of all levels around it, as far as they were read when it opened. */
  readonly above: number;
  /** Joins and set operations, which nest to the left without brackets. */
  relations: number;
  /** Of the expression that is being read: its tokens, and the deepest bracket in it. */
  tokens: number;
  below: number;
  /** The deepest expression before it. */
  deepest: number;
  awaitsAnd: boolean;
}

/**
 * Refuses what the parser would nest too deeply. It recurses once for each nested node, and running out of stack breaks it
 * for the rest of the process, so this counts what can nest, generously: never less than the depth of the tree.
 * @throws EngineError `invalid_argument`
 */
export function checkNesting(tokens: readonly Token[], places: Places): void {
  const levels: Level[] = [openedLevel('', 0)];
  for (const [index, token] of tokens.entries()) {
    const level = levels.at(-1);
    if (level === undefined) return;
    const word = keyword(tokens, index);
    if (word !== undefined && OPENING.has(word)) {
      levels.push(openedLevel(word, level.above + PER_LEVEL + level.relations + level.tokens));
    } else if (word !== undefined && CLOSING.has(word) && levels.length > 1 && closes(level, word)) {
      levels.pop();
      const outer = levels.at(-1);
      if (outer !== undefined) outer.below = Math.max(outer.below, height(level) + PER_LEVEL);
    } else {
      read(level, token, word);
    }
    const current = levels.at(-1);
    if (current !== undefined && current.above + height(current) > SQL_LIMITS.depth) {
      throw places.error('invalid_argument', token.start, TOO_DEEP, { limit: SQL_LIMITS.depth });
    }
  }
}

function openedLevel(opening: string, above: number): Level {
  return { opening, above, relations: 0, tokens: 0, below: 0, deepest: 0, awaitsAnd: false };
}

/** A bracket that closes ends a CASE that lacks its END, too: the parser will refuse it. */
function closes(level: Level, word: string): boolean {
  return word !== 'end' || level.opening === 'case';
}

function height(level: Level): number {
  return level.relations + Math.max(level.deepest, level.tokens + level.below);
}

function read(level: Level, token: Token, word: string | undefined): void {
  if (word !== undefined && RELATIONAL.has(word)) {
    level.relations += 1;
    endExpression(level);
  } else if (word !== undefined && SEPARATORS.has(word) && !(word === 'and' && level.awaitsAnd)) {
    endExpression(level);
  } else if (token.kind === 'word' || token.kind === 'quoted' || token.kind === 'operator' || word?.startsWith(':')) {
    level.tokens += 1;
    if (word === 'and') level.awaitsAnd = false;
    if (word === 'between') level.awaitsAnd = true;
  }
}

function endExpression(level: Level): void {
  level.deepest = Math.max(level.deepest, level.tokens + level.below);
  level.tokens = 0;
  level.below = 0;
  level.awaitsAnd = false;
}

/** A mark or a word that may be a keyword: what follows a dot or AS is a name. */
function keyword(tokens: readonly Token[], index: number): string | undefined {
  const token = tokens[index];
  if (token?.kind === 'mark') return token.value;
  if (token?.kind !== 'word') return undefined;
  const before = tokens[index - 1];
  const isName = isMark(before, '.') || (before?.kind === 'word' && before.value === 'as');
  return isName ? undefined : token.value;
}
