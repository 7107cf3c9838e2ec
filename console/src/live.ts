import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api/client";
import { pollDelay } from "./logic/pollDelay";

/** Something of the API that is kept up to date for as long as it is on the screen. */
export interface Live<T> {
  /** What was heard last; undefined until the first answer. */
  readonly data?: T;
  /** Why the last try failed; the data, if any, is from before. */
  readonly error?: Error;
  /** When the data was heard. */
  readonly updatedAt?: number;
  /** When it is tried again after a failure. */
  readonly retryAt?: number;
  /** Asks at once. */
  readonly refresh: () => void;
}

/**
 * Polls while somebody looks: not in a hidden tab, at once when it comes back or the network does, ever more rarely while
 * it fails. What no retry mends (no such thing, not yours) is asked for no further.
 * @param key of what is asked for; a new key begins anew
 * @param interval milliseconds from an answer to the next question
 */
export function useLive<T>(key: string, interval: number, load: (signal: AbortSignal) => Promise<T>): Live<T> {
  const [state, setState] = useState<Omit<Live<T>, "refresh"> & { key: string }>({ key });
  const refresh = useRef(() => {});
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    let timer: number | undefined;
    let failures = 0;
    let inFlight: AbortController | undefined;

    const wait = (delay: number) => {
      timer = window.setTimeout(ask, delay);
    };
    const ask = async () => {
      window.clearTimeout(timer);
      if (document.hidden) return;
      inFlight?.abort();
      const mine = new AbortController();
      inFlight = mine;
      try {
        const data = await latest.current(mine.signal);
        if (mine.signal.aborted) return;
        failures = 0;
        setState({ key, data, updatedAt: Date.now() });
        wait(interval);
      } catch (error) {
        if (mine.signal.aborted) return;
        failures += 1;
        const final = error instanceof ApiError && [400, 403, 404].includes(error.status);
        const delay = pollDelay(interval, failures, Math.random());
        setState((old) => ({
          ...(old.key === key && !final ? old : { key }),
          error: error as Error,
          retryAt: final ? undefined : Date.now() + delay,
        }));
        if (!final) wait(delay);
      }
    };
    const onVisible = () => (document.hidden ? window.clearTimeout(timer) : void ask());

    refresh.current = () => void ask();
    setState((old) => (old.key === key ? old : { key }));
    void ask();
    document.addEventListener("visibilitychange", onVisible);
    window.addEventListener("online", ask);
    return () => {
      window.clearTimeout(timer);
      inFlight?.abort();
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("online", ask);
    };
  }, [key, interval]);

  // In the first rendering after a change of key, the state is still that of the old one.
  return { ...(state.key === key ? state : {}), refresh: () => refresh.current() };
}

/** The time, for what is told relative to it; every second, or as often as said. */
export function useNow(interval = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), interval);
    return () => window.clearInterval(timer);
  }, [interval]);
  return now;
}
