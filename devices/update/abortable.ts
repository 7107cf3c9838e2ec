/** What work gives, or the signal's reason as soon as it fires; nobody waits for the work then. */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const begun = work();
  // It may fail later, when nobody looks any more.
  begun.catch(() => {});
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([begun, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
