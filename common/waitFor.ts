/**
 * Waits until something is so, looking again and again; the error tells what was there instead. How long is patience with a
 * busy machine, and no promise of how soon it comes.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { seconds = 120, everyMs = 50, lastSeen = () => "" as unknown } = {},
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) {
      const last = await lastSeen();
      throw new Error(`waited ${seconds} s for ${what}${last ? `; last seen: ${JSON.stringify(last)}` : ""}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Gives up on something that should long be over; what it was tells the error. */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not over after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
