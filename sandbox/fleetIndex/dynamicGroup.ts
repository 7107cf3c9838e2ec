import type { Predicate } from "./query/compile";

/** A dynamic thing group: a query. Its members are those whom the registry has in the group. */
export class DynamicGroup {
  /** What members follow; a query that is new waits in `next` until all things have been looked at with it. */
  private current: Predicate | undefined;
  private next: Predicate | undefined;

  constructor(
    readonly name: string,
    public queryString: string,
    predicate: Predicate,
  ) {
    this.next = predicate;
  }

  /** BUILDING until the first evaluation is done, REBUILDING while a new query waits for its own. */
  get status(): "ACTIVE" | "BUILDING" | "REBUILDING" {
    if (this.next === undefined) return "ACTIVE";
    return this.current === undefined ? "BUILDING" : "REBUILDING";
  }

  /** Undefined before the first evaluation. */
  get predicate(): Predicate | undefined {
    return this.current;
  }

  /** A query that all things have yet to be looked at with. */
  get waiting(): Predicate | undefined {
    return this.next;
  }

  replaceQuery(queryString: string, predicate: Predicate): void {
    this.queryString = queryString;
    this.next = predicate;
  }

  /** All things have been looked at with this predicate, and the registry knows the members. */
  settle(predicate: Predicate): void {
    this.current = predicate;
    // One that was replaced meanwhile waits for an evaluation of its own.
    if (this.next === predicate) this.next = undefined;
  }
}
