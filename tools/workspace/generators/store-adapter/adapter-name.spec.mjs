import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../command.mjs';
import { BANNED, namesOf } from './adapter-name.mjs';

describe('the name of an adapter', () => {
  it('gives the names of its package, its classes and its page', () => {
    expect(namesOf('acme')).toEqual({ name: 'acme', className: 'Acme', variable: 'acme', title: 'Acme' });
    expect(namesOf('frost-box2')).toEqual({
      name: 'frost-box2',
      className: 'FrostBox2',
      variable: 'frostBox2',
      title: 'Frost box2',
    });
    expect(namesOf('index').className).toBe('Index');
  });

  it.each([
    '',
    'Acme',
    'frostBox',
    'frost_box',
    'frost--box',
    '-acme',
    'acme-',
    '4d',
    'a.b',
    'a/b',
    '../a',
    'a b',
    'ä',
  ])('is in kebab-case, unlike %j', (name) => expect(() => namesOf(name)).toThrow(/kebab-case/));

  it.each(['store-acme', 'store', 'acme-store'])('does not say "store" again, as %j does', (name) => {
    expect(() => namesOf(name)).toThrow('leave out "store"');
  });

  it.each([...BANNED, ...BANNED.map((word) => `my-${word}`)])('says something, unlike %j', (name) => {
    expect(() => namesOf(name)).toThrow('says nothing');
  });

  it('makes no class with the prefix of an interface', () => {
    expect(() => namesOf('i-box')).toThrow('begin with I');
    expect(namesOf('ibox').className).toBe('Ibox');
  });

  it('is refused for the words that tools/checks refuses, and for no others', () => {
    const rule = readFileSync(join(ROOT, 'tools/checks/src/names/banned-names.ts'), 'utf8');
    const words = /const BANNED = new Set\(\[([^\]]+)\]\)/.exec(rule)?.[1] ?? '';
    expect(BANNED).toEqual([...words.matchAll(/'([a-z]+)'/g)].map((match) => match[1]));
  });
});
