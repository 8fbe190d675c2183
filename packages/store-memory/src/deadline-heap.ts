import type { EpochMs } from '@mooring/session-store';

export interface HeapNode {
  /** Not after the real deadline: a deadline that moves on is only looked at again when this one is reached. */
  at: EpochMs;
  /** Where the heap has it; -1 when it has not. */
  position: number;
}

/** Binary heap of deadlines, soonest first, whose nodes can be moved and removed: one node per row, whatever happens. */
export class DeadlineHeap<Node extends HeapNode> {
  private readonly nodes: Node[] = [];

  get size(): number {
    return this.nodes.length;
  }

  peek(): Node | undefined {
    return this.nodes[0];
  }

  push(node: Node): void {
    node.position = this.nodes.length;
    this.nodes.push(node);
    this.rise(node);
  }

  remove(node: Node): void {
    const { position } = node;
    if (position === -1) return;
    node.position = -1;
    const last = this.nodes.pop();
    if (last === undefined || last === node) return;
    this.place(last, position);
    this.rise(last);
    this.sink(last);
  }

  move(node: Node, at: EpochMs): void {
    node.at = at;
    this.rise(node);
    this.sink(node);
  }

  private place(node: Node, position: number): void {
    this.nodes[position] = node;
    node.position = position;
  }

  private rise(node: Node): void {
    while (node.position > 0) {
      const parent = this.nodes[(node.position - 1) >> 1];
      if (parent === undefined || parent.at <= node.at) return;
      this.swap(node, parent);
    }
  }

  private sink(node: Node): void {
    for (;;) {
      const left = this.nodes[2 * node.position + 1];
      const right = this.nodes[2 * node.position + 2];
      const child = left !== undefined && right !== undefined && right.at < left.at ? right : left;
      if (child === undefined || child.at >= node.at) return;
      this.swap(node, child);
    }
  }

  private swap(one: Node, other: Node): void {
    const { position } = one;
    this.place(one, other.position);
    this.place(other, position);
  }
}
