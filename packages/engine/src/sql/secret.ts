import type { SecretText } from './statement.ts';

/** What stands for a secret wherever one is written. */
export const HIDDEN = '***';

export class Secret implements SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }
}
