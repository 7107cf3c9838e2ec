const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Milliseconds in which another signal is still the same Ctrl-C: npm hands on what the terminal has sent as well. */
const sameKeystroke = 1000;

/**
 * Lets a command end in order on Ctrl-C: its signal is aborted, and it is told to the user what happens now. The next Ctrl-C
 * ends the process at once, as ever.
 * @returns the signal, and `end` for when there is nothing left to put in order
 */
export function interruption(words: string): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const end = () => {
    for (const name of signals) process.off(name, stop);
  };
  const stop = () => {
    if (controller.signal.aborted) return;
    controller.abort();
    process.stderr.write(`${words}\n`);
    setTimeout(end, sameKeystroke).unref();
  };
  for (const name of signals) process.on(name, stop);
  return { signal: controller.signal, end };
}
