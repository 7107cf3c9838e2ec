interface Node<T> {
  readonly children: Map<string, Node<T>>;
  /** Those whose filter ends here. */
  readonly values: T[];
  /** Those whose filter ends here with `#`. */
  readonly rest: T[];
}

/**
 * What is kept under topic filters, found by topic: one walk down the levels instead of a comparison with every filter.
 * As in AWS IoT, `a/#` does not match `a`, and a leading wildcard does not match a topic that starts with `$`.
 */
export class TopicTrie<T> {
  private readonly root: Node<T> = emptyNode();

  add(filter: string, value: T): void {
    this.listOf(filter).push(value);
  }

  /** Nothing happens when the value is not there. */
  remove(filter: string, value: T): void {
    const list = this.listOf(filter);
    const index = list.indexOf(value);
    if (index >= 0) list.splice(index, 1);
  }

  /** Calls `visit` once for each value under a filter that matches the topic, given as its levels. */
  match(levels: readonly string[], visit: (value: T) => void): void {
    this.walk(this.root, levels, 0, visit);
  }

  private walk(node: Node<T>, levels: readonly string[], depth: number, visit: (value: T) => void): void {
    if (depth === levels.length) {
      for (const value of node.values) visit(value);
      return;
    }
    const level = levels[depth]!;
    const wildcards = depth > 0 || !level.startsWith("$");
    if (wildcards) for (const value of node.rest) visit(value);
    const named = node.children.get(level);
    if (named) this.walk(named, levels, depth + 1, visit);
    const any = wildcards ? node.children.get("+") : undefined;
    if (any) this.walk(any, levels, depth + 1, visit);
  }

  private listOf(filter: string): T[] {
    const levels = filter.split("/");
    const ending = levels.at(-1) === "#" ? levels.pop() : undefined;
    let node = this.root;
    for (const level of levels) {
      let next = node.children.get(level);
      if (!next) {
        next = emptyNode();
        node.children.set(level, next);
      }
      node = next;
    }
    return ending ? node.rest : node.values;
  }
}

function emptyNode<T>(): Node<T> {
  return { children: new Map(), values: [], rest: [] };
}
