/** What is to be removed, and how; what it returns is in words what could not be. */
export type CleaningStep = readonly [what: string, remove: () => Promise<string | readonly string[] | undefined>];

/** Takes one step after the other, each whatever became of those before. @returns what is left, in words */
export async function cleanUp(steps: readonly CleaningStep[]): Promise<string[]> {
  const left: string[] = [];
  for (const [what, remove] of steps) {
    try {
      left.push(...[(await remove()) ?? []].flat());
    } catch (error) {
      left.push(`${what}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return left;
}
