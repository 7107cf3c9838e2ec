import type { ComponentChildren } from "preact";
import type { Connectivity, ReleaseStatus } from "../api/types";
import { ago, clock } from "../logic/time";

export type Tone = "ok" | "bad" | "warn" | "quiet" | "accent";

/** A state in a word; its colour only repeats what the word says. */
export function Badge({ tone, children, title }: { tone: Tone; children: ComponentChildren; title?: string }) {
  return (
    <span class={`badge ${tone}`} title={title}>
      <span class="dot" aria-hidden="true" />
      {children}
    </span>
  );
}

export function ConnectivityBadge({ connectivity }: { connectivity: Connectivity }) {
  const reason = connectivity.disconnectReason;
  return connectivity.connected ? (
    <Badge tone="ok">Connected</Badge>
  ) : (
    <Badge tone="quiet" title={reason && reason !== "NONE" ? reason : undefined}>
      {connectivity.timestamp ? "Disconnected" : "Never seen"}
    </Badge>
  );
}

const releases: Readonly<Record<ReleaseStatus, readonly [Tone, string]>> = {
  CHECKING: ["accent", "Checking"],
  REFUSED: ["bad", "Refused"],
  WAITING_FOR_GROUP: ["accent", "Preparing"],
  IN_PROGRESS: ["accent", "Rolling out"],
  COMPLETED: ["ok", "Completed"],
  CANCELED: ["warn", "Cancelled"],
  FAILED: ["bad", "Failed"],
};

export function ReleaseBadge({ status }: { status: ReleaseStatus }) {
  const [tone, text] = releases[status] ?? ["quiet", status];
  return <Badge tone={tone}>{text}</Badge>;
}

/** A moment, relative to now; exactly when one points at it. */
export function When({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={clock(at, now)}>
      {ago(at, now)}
    </time>
  );
}
