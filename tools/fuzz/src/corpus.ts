import { readFileSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../corpus/', import.meta.url);

/** The inputs of a target, by what they are examples of. */
export function readCorpus(name: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Record<string, string>;
}

/** Adds an input that broke something, to be named and kept when it is mended. */
export function addToCorpus(name: string, called: string, input: string): void {
  const corpus = { ...readCorpus(name), [called]: input };
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify(corpus, null, 2)}\n`);
}
