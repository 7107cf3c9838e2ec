/** Waits until something is so, looking again and again; the error tells what was there instead. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { seconds = 10, everyMs = 50, lastSeen = () => "" as unknown } = {},
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
