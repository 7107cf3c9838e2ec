import type { Answers } from "./fakeAws";

/** A promise that a serialised function keeps, as test/components/functions.test.ts runs it. */
export interface FunctionCase {
  readonly promise: string;
  /** The function's name in the program. */
  readonly function: string;
  readonly event: unknown;
  readonly answers?: Answers;
  readonly environment?: Record<string, string>;
  readonly result?: unknown;
  readonly error?: RegExp;
  readonly stdout?: RegExp;
  /** The calls to AWS, in any order. */
  readonly calls: readonly string[];
}
