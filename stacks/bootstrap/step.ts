/** One thing an account must have: looked at first, changed only if it is not as it must be. */
export interface Step {
  /** What it is, as a noun: `KMS key alias/thingstack-state`. */
  readonly what: string;
  /** Whether the account already has it, exactly so. */
  isRight(): Promise<boolean>;
  /** Makes it so. Must be safe to run on what an earlier run left half done. */
  make(): Promise<void>;
}

/** How many steps there were of each kind. */
export interface Outcome {
  readonly unchanged: number;
  /** Changed, or in a dry run: would be changed. */
  readonly changed: number;
}

/** Takes the steps in order; a dry run looks and changes nothing. */
export async function take(steps: readonly Step[], dryRun: boolean, print: (line: string) => void): Promise<Outcome> {
  let unchanged = 0;
  let changed = 0;
  for (const step of steps) {
    if (await step.isRight()) {
      unchanged++;
      print(`  as it should be  ${step.what}`);
      continue;
    }
    if (!dryRun) await step.make();
    changed++;
    print(`  ${dryRun ? "would be made   " : "made            "} ${step.what}`);
  }
  return { unchanged, changed };
}

/** The answer of `look`, or undefined when AWS says that the thing is not there. */
export async function ifThere<T>(look: () => Promise<T>, ...namesOfAbsence: string[]): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && namesOfAbsence.includes(error.name)) return undefined;
    throw error;
  }
}

/** Whether two JSON values say the same, whatever the order of their keys. */
export function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
