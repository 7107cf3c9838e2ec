/*
 * The life of an update, as a machine without a clock, a disk or a network.
 *
 * `next` says where an event leads to, `effectOf` what to do there; whoever runs it does that one thing and comes back with
 * what happened. Power may go at any moment: what has to be known afterwards is journalled before anything is done that
 * depends on it, and `started` picks it up.
 */

import type { Update } from "./offer";

/** What is remembered over a loss of power. */
export type Entry =
  | { readonly step: "downloading"; readonly update: Update }
  /** The image is whole and may be made the active one. */
  | { readonly step: "installing" | "testing"; readonly update: Update; readonly tries: number }
  | { readonly step: "failed"; readonly update: Update; readonly reason: string };

export interface Refusal {
  readonly jobId: string;
  readonly executionNumber: number;
  readonly reason: string;
}

/** How the download goes. */
interface Course {
  readonly update: Update;
  /** In a row, without a byte in between. */
  readonly failures: number;
  /** It was thrown away once, because its pieces did not make the whole. */
  readonly again: boolean;
}

export type State =
  | { readonly at: "off" | "asking" | "idle" }
  | { readonly at: "refusing"; readonly refusal: Refusal }
  /** `onward` follows once the entry is safe. */
  | { readonly at: "noting"; readonly entry: Entry; readonly onward: State }
  /** Is the image active already? */
  | { readonly at: "comparing"; readonly update: Update; readonly url: string }
  | ({ readonly at: "downloading"; readonly url: string } & Course)
  | ({ readonly at: "pausing" | "refreshing" } & Course)
  | ({ readonly at: "verifying"; readonly inPieces: boolean } & Course)
  /** What was in hand is thrown away, to start over. */
  | { readonly at: "discarding"; readonly update: Update }
  | { readonly at: "announcing" | "installing"; readonly update: Update; readonly tries: number }
  | { readonly at: "activating" | "testing" | "proving" | "claiming" | "confirming"; readonly update: Update }
  /** After a restart: how far did it get? */
  | { readonly at: "resuming"; readonly entry: Entry & { readonly step: "installing" | "testing" } }
  /** It may be active and damaged: the old image first, then is what was downloaded still whole? */
  | { readonly at: "withdrawing" | "reverifying"; readonly update: Update; readonly tries: number }
  | { readonly at: "reverting" | "failing"; readonly update: Update; readonly reason: string }
  | { readonly at: "clearing"; readonly update: Update };

export type Effect =
  | { readonly do: "nothing" | "wait" | "startNext" }
  | { readonly do: "refuse"; readonly refusal: Refusal }
  | { readonly do: "note"; readonly entry: Entry }
  | { readonly do: "inspect" | "verify" | "discard" | "install" | "activate" | "test"; readonly update: Update }
  | { readonly do: "claim" | "revert" | "clear" | "refresh"; readonly update: Update }
  | { readonly do: "download"; readonly update: Update; readonly url: string }
  | { readonly do: "pause"; readonly update: Update; readonly failures: number }
  | { readonly do: "announce" | "succeed"; readonly update: Update }
  | { readonly do: "fail"; readonly update: Update; readonly reason: string };

export type Event =
  | { readonly type: "started"; readonly entry?: Entry }
  /** It is done; of `inspect`: the image is the active one, and whole. */
  | { readonly type: "done" }
  /** Of `inspect`: another image is active, or this one is not whole. */
  | { readonly type: "absent" }
  /** It cannot be done, by the device's own fault. */
  | { readonly type: "broke"; readonly reason: string }
  | { readonly type: "job"; readonly update: Update; readonly url: string }
  | { readonly type: "unfit"; readonly refusal: Refusal }
  | { readonly type: "none" }
  /** The job is over: cancelled, timed out, deleted, or taken up by another attempt. */
  | { readonly type: "gone" }
  | { readonly type: "downloaded"; readonly inPieces: boolean }
  /** The bytes are not what the job promised. */
  | { readonly type: "damaged"; readonly reason: string }
  /** The download ended early. With `progressed`, some bytes came. */
  | { readonly type: "stalled"; readonly reason: string; readonly progressed: boolean }
  /** Something about the job may have changed. */
  | { readonly type: "interrupted" };

/** What to do in a state; every state has exactly one thing to do. */
export function effectOf(state: State): Effect {
  switch (state.at) {
    case "off":
      return { do: "nothing" };
    case "idle":
      return { do: "wait" };
    case "asking":
      return { do: "startNext" };
    case "refusing":
      return { do: "refuse", refusal: state.refusal };
    case "noting":
      return { do: "note", entry: state.entry };
    case "comparing":
    case "proving":
      return { do: "inspect", update: state.update };
    case "resuming":
      return { do: "inspect", update: state.entry.update };
    case "downloading":
      return { do: "download", update: state.update, url: state.url };
    case "pausing":
      return { do: "pause", update: state.update, failures: state.failures };
    case "refreshing":
      return { do: "refresh", update: state.update };
    case "verifying":
    case "reverifying":
      return { do: "verify", update: state.update };
    case "discarding":
      return { do: "discard", update: state.update };
    case "announcing":
      return { do: "announce", update: state.update };
    case "installing":
      return { do: "install", update: state.update };
    case "activating":
      return { do: "activate", update: state.update };
    case "testing":
      return { do: "test", update: state.update };
    case "claiming":
      return { do: "claim", update: state.update };
    case "confirming":
      return { do: "succeed", update: state.update };
    case "withdrawing":
    case "reverting":
      return { do: "revert", update: state.update };
    case "failing":
      return { do: "fail", update: state.update, reason: state.reason };
    case "clearing":
      return { do: "clear", update: state.update };
  }
}
