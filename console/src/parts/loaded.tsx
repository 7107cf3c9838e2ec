import type { ComponentChildren, VNode } from "preact";
import { type Live, useNow } from "../live";
import { clock, duration } from "../logic/time";

/** What is shown of something live: a skeleton until it is there, an error with a way on, or the thing itself. */
export function Loaded<T>(props: {
  live: Live<T>;
  /** What is being loaded, for the screen reader: "the fleet". */
  what: string;
  /** Lines of the skeleton. */
  lines?: number;
  children: (data: T) => ComponentChildren;
}): VNode {
  const { live, what, lines = 5 } = props;
  if (live.data !== undefined) {
    return (
      <>
        {live.error && <Stale live={live} />}
        {props.children(live.data)}
      </>
    );
  }
  if (live.error) return <Failure live={live} what={what} />;
  return (
    <div class="skeleton" role="status">
      <span class="unseen">Loading {what}</span>
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} class="bone" aria-hidden="true" />
      ))}
    </div>
  );
}

function Failure<T>({ live, what }: { live: Live<T>; what: string }) {
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>Could not load {what}.</strong> {live.error?.message}
      </p>
      <button type="button" onClick={live.refresh}>
        Try again
      </button>
      <NextTry retryAt={live.retryAt} />
    </div>
  );
}

function Stale<T>({ live }: { live: Live<T> }) {
  return (
    <div class="notice warn" role="status">
      <p>
        {live.error?.message} This is as of {clock(live.updatedAt ?? 0, Date.now())}.
      </p>
      <button type="button" onClick={live.refresh}>
        Try now
      </button>
    </div>
  );
}

function NextTry({ retryAt }: { retryAt?: number }) {
  const now = useNow();
  return retryAt === undefined ? null : <span class="quiet">Trying again in {duration(retryAt - now)}.</span>;
}

/** Whether what is on the screen is fresh. */
export function LiveStatus<T>({ live }: { live: Live<T> }) {
  const [kind, text] = live.error
    ? ["bad", "Not connected"]
    : live.updatedAt
      ? ["ok", "Live"]
      : ["quiet", "Connecting"];
  return (
    <span class={`live ${kind}`} title={live.updatedAt ? `As of ${clock(live.updatedAt, Date.now())}` : undefined}>
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

/** Nothing there, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children && <p class="quiet">{children}</p>}
    </div>
  );
}
