import { describe, expect, it } from '@jest/globals';
import { assert, json as anyJson, nat, property } from 'fast-check';
import { repeatedMember } from './repeated-member.ts';

describe('repeatedMember', () => {
  it.each([
    ['{"a": 1, "a": 2}', 'a'],
    ['{"b": [{"a": 1}, {"a": 1, "c": {"a": 1}, "a" : 2}]}', 'a'],
    [String.raw`{"a": 1, "\u0061": 2}`, 'a'],
    [String.raw`{"x\"y": 1, "x\"y": 2}`, 'x"y'],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
  ])('finds it in %s', (json, name) => {
    expect(repeatedMember(json)).toBe(name);
  });

  it.each([
    '{"a": "a", "b": "a"}',
    '[{"a": 1}, {"a": 1}]',
    '"a"',
    '{"a": {"a": {"a": ":"}}}',
    String.raw`{"a": "\\", "b": 1}`,
  ])('finds none in %s', (json) => {
    expect(repeatedMember(json)).toBeUndefined();
  });

  it('finds none in what was made from an object', () => {
    assert(
      property(anyJson(), nat(3), (json, space) => {
        expect(repeatedMember(JSON.stringify(JSON.parse(json), null, space))).toBeUndefined();
      }),
    );
  });
});
