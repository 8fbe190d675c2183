import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DeadlineHeap } from './deadline-heap.ts';
import type { HeapNode } from './deadline-heap.ts';

interface Node extends HeapNode {
  readonly name: number;
}

function drained(heap: DeadlineHeap<Node>): number[] {
  const seen: number[] = [];
  for (let node = heap.peek(); node !== undefined; node = heap.peek()) {
    seen.push(node.at);
    heap.remove(node);
  }
  return seen;
}

describe('DeadlineHeap', () => {
  it('gives the soonest first after any pushes, moves and removals', () => {
    const step = fc.record({
      kind: fc.constantFrom('push', 'push', 'move', 'remove'),
      at: fc.nat(50),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { size: 'max', maxLength: 120 }), (steps) => {
        const heap = new DeadlineHeap<Node>();
        const nodes: Node[] = [];
        for (const [name, { kind, at, which }] of steps.entries()) {
          const node = nodes[which % Math.max(nodes.length, 1)];
          if (kind === 'push' || node === undefined) {
            const added: Node = { name, at, position: -1 };
            nodes.push(added);
            heap.push(added);
          } else if (kind === 'move') {
            heap.move(node, at);
          } else {
            heap.remove(node);
            nodes.splice(nodes.indexOf(node), 1);
          }
        }
        expect(heap.size).toBe(nodes.length);
        expect(drained(heap)).toEqual(nodes.map(({ at }) => at).sort((one, other) => one - other));
      }),
    );
  });

  it('removes a node once', () => {
    const heap = new DeadlineHeap<Node>();
    const node: Node = { name: 1, at: 1, position: -1 };
    heap.push(node);
    heap.remove(node);
    heap.remove(node);
    expect(heap.size).toBe(0);
  });
});
