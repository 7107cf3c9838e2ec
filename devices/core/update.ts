import type { Update } from "./offer";
import type { Entry, Event, State } from "./updateStates";

/** Failures in a row, without a byte in between, after which a download is given up. */
export const maximumFailures = 10;

/** How often an installation or self-test that the device did not survive is begun. */
export const maximumTries = 3;

/** Where an event leads to. @throws Error for an event that cannot come in this state: whoever runs it has a fault */
export function next(state: State, event: Event): State {
  if (event.type === "broke") return broke(state, event.reason);
  const key = `${state.at}:${event.type}`;
  switch (state.at) {
    case "off":
      if (event.type === "started") return pickUp(event.entry);
      break;
    case "idle":
      if (event.type === "done") return { at: "asking" };
      break;
    case "asking":
      if (event.type === "none") return { at: "idle" };
      if (event.type === "unfit") return { at: "refusing", refusal: event.refusal };
      if (event.type === "job") return { at: "comparing", update: event.update, url: event.url };
      break;
    case "refusing":
      if (event.type === "done" || event.type === "gone") return { at: "asking" };
      break;
    case "noting":
      if (event.type === "done") return state.onward;
      break;
    case "comparing":
      if (event.type === "done") return test(state.update, 1);
      if (event.type === "absent")
        return download(state.update, { ...state, at: "downloading", failures: 0, again: false });
      break;
    case "downloading":
      return afterDownload(state, event);
    case "pausing":
      if (event.type === "done") return { ...state, at: "refreshing" };
      break;
    case "refreshing":
      if (event.type === "gone" || event.type === "unfit") return { at: "clearing", update: state.update };
      if (event.type === "job") return { ...state, at: "downloading", url: event.url };
      break;
    case "verifying":
      if (event.type === "done") return { at: "announcing", update: state.update, tries: 1 };
      // Pieces may have come from different files, or a lost block: once more, and whole. A whole one is what it is.
      if (event.type === "damaged" && state.inPieces && !state.again) return { at: "discarding", update: state.update };
      if (event.type === "damaged") return fail(state.update, event.reason);
      break;
    case "discarding":
      if (event.type === "done") return { at: "refreshing", update: state.update, failures: 0, again: true };
      break;
    case "announcing":
      if (event.type === "gone") return { at: "clearing", update: state.update };
      if (event.type === "done") {
        const { update, tries } = state;
        return { at: "noting", entry: { step: "installing", update, tries }, onward: { ...state, at: "installing" } };
      }
      break;
    case "installing":
      if (event.type === "done") return { at: "activating", update: state.update };
      break;
    case "activating":
      if (event.type === "done") return test(state.update, 1);
      break;
    case "testing":
      if (event.type === "done") return { at: "proving", update: state.update };
      break;
    case "proving":
      if (event.type === "done") return { at: "claiming", update: state.update };
      if (event.type === "absent") return fail(state.update, "the installed image is not what was downloaded");
      break;
    case "claiming":
      if (event.type === "done") return { at: "confirming", update: state.update };
      break;
    case "confirming":
    case "failing":
      if (event.type === "done" || event.type === "gone") return { at: "clearing", update: state.update };
      break;
    case "resuming":
      return afterRestart(state.entry, event, key);
    case "withdrawing":
      if (event.type === "done") return { ...state, at: "reverifying" };
      break;
    case "reverifying":
      if (event.type === "done") return { ...state, at: "announcing" };
      if (event.type === "damaged")
        return download(state.update, { at: "refreshing", update: state.update, failures: 0, again: true });
      break;
    case "reverting":
      if (event.type === "done") return { ...state, at: "failing" };
      break;
    case "clearing":
      if (event.type === "done") return { at: "asking" };
      break;
  }
  throw new Error(`An update cannot go on from ${key}.`);
}

/** After power came back. */
function pickUp(entry: Entry | undefined): State {
  if (!entry) return { at: "asking" };
  if (entry.step === "downloading") return { at: "refreshing", update: entry.update, failures: 0, again: false };
  if (entry.step === "failed") return { at: "reverting", update: entry.update, reason: entry.reason };
  return { at: "resuming", entry: entry as Entry & { step: "installing" | "testing" } };
}

function afterRestart(entry: Entry & { step: "installing" | "testing" }, event: Event, key: string): State {
  const { step, update, tries } = entry;
  const again = tries < maximumTries;
  if (event.type === "done") {
    if (step === "installing") return test(update, 1);
    return again ? test(update, tries + 1) : fail(update, `the device restarted in its self-test, ${tries} times`);
  }
  if (event.type !== "absent") throw new Error(`An update cannot go on from ${key}.`);
  if (step === "testing") return fail(update, "the new image was not the active one any more after a restart");
  if (!again) return fail(update, `the device restarted in the installation, ${tries} times`);
  return { at: "withdrawing", update, tries: tries + 1 };
}

function afterDownload(state: State & { readonly at: "downloading" }, event: Event): State {
  const { update, again } = state;
  switch (event.type) {
    case "downloaded":
      return { at: "verifying", update, failures: 0, again, inPieces: event.inPieces };
    case "damaged":
      return fail(update, event.reason);
    case "interrupted":
      return { at: "refreshing", update, failures: state.failures, again };
    case "stalled": {
      const failures = event.progressed ? 1 : state.failures + 1;
      if (failures < maximumFailures) return { at: "pausing", update, failures, again };
      return fail(update, `the download failed ${failures} times in a row: ${event.reason}`);
    }
    default:
      throw new Error(`An update cannot go on from downloading:${event.type}.`);
  }
}

/** The device itself cannot go on: a full disk, an installer that throws. */
function broke(state: State, reason: string): State {
  switch (state.at) {
    case "noting": {
      // Without its journal it makes sure of the old image, and says what it still can.
      const { entry } = state;
      return { at: "reverting", update: entry.update, reason: entry.step === "failed" ? entry.reason : reason };
    }
    case "resuming":
      return fail(state.entry.update, reason);
    case "reverting":
      return { ...state, at: "failing", reason: `${state.reason}; and the old image is not back: ${reason}` };
    case "clearing":
      return { at: "asking" };
    case "off":
      // A journal that cannot be read tells nothing: the cloud still knows of the job.
      return { at: "asking" };
    default:
      if (!("update" in state)) throw new Error(`An update cannot break in ${state.at}: ${reason}`);
      return fail(state.update, reason);
  }
}

function download(update: Update, onward: State): State {
  return { at: "noting", entry: { step: "downloading", update }, onward };
}

function test(update: Update, tries: number): State {
  return { at: "noting", entry: { step: "testing", update, tries }, onward: { at: "testing", update } };
}

/** The old image stays, or comes back, before the cloud hears of it. */
function fail(update: Update, reason: string): State {
  return { at: "noting", entry: { step: "failed", update, reason }, onward: { at: "reverting", update, reason } };
}
