import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../command.mjs';
import { namesOf } from './adapter-name.mjs';
import { withAdapter } from './architecture-map.mjs';

const MAP = `flowchart TB
  subgraph adapters
    memory[store-memory]
    redis[store-redis]
  end
  testkit[session-store-testkit]

  adapters --> store
  testkit --> store

| room                    | what is in it | who may use it |
| ----------------------- | ------------- | -------------- |
| \`packages/store-memory\` | memory        | specs          |
| \`packages/engine\`       | engine        | apps           |
`;

/** What is in one text and not in the other, line by line. */
function added(before, after) {
  const known = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !known.has(line));
}

describe('the map with one more adapter', () => {
  it('has a box and a row, each after those of the other adapters', () => {
    const map = withAdapter(MAP, namesOf('frost-box'));
    expect(map).toContain('    redis[store-redis]\n    frostBox[store-frost-box]\n  end');
    expect(map).toMatch(
      /\| `packages\/store-memory`.*\n\| `packages\/store-frost-box` \| Frost box: .*\n\| `packages\/engine`/,
    );
    expect(added(MAP, map)).toHaveLength(2);
  });

  it('has a row also where nothing is drawn', () => {
    const table = MAP.slice(MAP.indexOf('|'));
    expect(added(table, withAdapter(table, namesOf('acme')))).toHaveLength(1);
  });

  it('can not be made of a document without the table', () => {
    expect(() => withAdapter('# Architecture\n', namesOf('acme'))).toThrow('no table');
  });

  it('can be made of the document that there is', () => {
    const map = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    expect(added(map, withAdapter(map, namesOf('acme')))).toEqual([
      '    acme[store-acme]',
      expect.stringContaining('`packages/store-acme`'),
    ]);
  });
});
