import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EpochMs, JsonValue } from '@mooring/session-store';
import { corrupt } from '../errors.ts';
import type { DocumentKind } from './documents.ts';

/** Above this a document is written compressed: each kilobyte of an item costs a write unit. */
const PLAIN_CHARACTERS = 900;
const MOST_BYTES = 16_777_216;
/** How long after the last deadline in it the service may collect an item. */
const KEPT_MS = 3_600_000;

/** A document as the value of an attribute: JSON, compressed where it is long. */
export function packed(document: JsonValue): string | Uint8Array {
  const json = JSON.stringify(document);
  return json.length <= PLAIN_CHARACTERS ? json : deflateRawSync(json);
}

/** The form of a document that is one attribute. `read` gets what `JSON.parse` made of it. */
export function jsonForm<State>(form: {
  readonly read: (operation: string, stored: unknown) => State;
  readonly write: (state: State) => JsonValue;
}): Pick<DocumentKind<State>, 'read' | 'attributes'> {
  return {
    read: (operation, { doc }) => form.read(operation, unpacked(operation, doc)),
    attributes: (state) => ({ doc: packed(form.write(state)) }),
  };
}

export function unpacked(operation: string, value: unknown): unknown {
  try {
    if (typeof value === 'string') return JSON.parse(value) as unknown;
    if (value instanceof Uint8Array) {
      return JSON.parse(inflateRawSync(value, { maxOutputLength: MOST_BYTES }).toString('utf8')) as unknown;
    }
  } catch {
    // What can't be read says so below, and nothing of itself.
  }
  throw corrupt(operation, 'a document is not JSON');
}

/** The time to live of an item, in whole seconds and late rather than early. */
export function collectAtOf(deadline: EpochMs): number {
  return Math.ceil((deadline + KEPT_MS) / 1000);
}
