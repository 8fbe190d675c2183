import { constants } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { DuckDBTypeId } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import { unpackerOf } from './unpacked.ts';

const texts = unpackerOf(DuckDBTypeId.VARCHAR)!;
const MIB = 2 ** 20;

describe('texts of a column', () => {
  it('are the same where they are too many to be decoded at once', () => {
    const data = new Uint8Array(17 * MIB).fill(0x61);
    const offsets = Int32Array.of(0, 3, 3, 3, 17 * MIB);
    const validity = Uint8Array.of(0b1011);
    const [first, second, third, fourth] = texts({ data, offsets, validity }, 4);
    expect([first, second, third, (fourth as string).length]).toEqual(['aaa', '', null, 17 * MIB - 3]);
  });

  it('of which one is too long for a value are refused, with its length', () => {
    const length = constants.MAX_STRING_LENGTH + 1;
    const column = { data: new Uint8Array(length), offsets: Int32Array.of(0, length), validity: undefined };
    let error: unknown;
    try {
      texts(column, 1);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'execution_failed', facts: { bytes: length } });
  });
});
