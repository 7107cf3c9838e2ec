import type * as pulumi from "@pulumi/pulumi";
import type { TrafficHook } from "../../functions/runtime/trafficHook";
import type { Grant } from "../access/grants";
import type { ArgumentErrors } from "../args/argumentErrors";
import { wholeNumber } from "../args/checks";
import type { OperationsArgs } from "../observability/operations";
import { type Rollout, rollout } from "./rollout";

/** A hook with what it needs. */
export interface TrafficHookArgs {
  /** Judges the new version; it becomes code of a function of its own, so it captures no Pulumi value. */
  readonly callback: TrafficHook;
  /**
   * Seconds, 5 to 900: Lambda's limit, which is shorter than the hour that CodeDeploy would wait for a hook.
   * @default 60
   */
  readonly timeout?: number;
  /** Environment variables of the hook. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * What the hook may do, beside calling the function's versions and telling CodeDeploy.
   * @default nothing
   */
  readonly grants?: readonly Grant[];
}

/** How a function is released; part of {@link HandlerArgs}. */
export interface ReleaseArgs {
  /**
   * How calls move to a new version of this function.
   * @default that of the stack
   */
  readonly rollout?: Rollout;
  /**
   * Judges a new version before it gets any call, after it has answered a dry run: by throwing it refuses the version, and
   * the release is rolled back. `async ({ invoke }) => { await invoke(anEvent); }`
   * @default the dry run alone
   */
  readonly beforeTraffic?: TrafficHook | TrafficHookArgs;
  /**
   * Judges it again when all calls go to it.
   * @default nothing
   */
  readonly afterTraffic?: TrafficHook | TrafficHookArgs;
}

/** Notes what is wrong with how a function is to be released. */
export function checkRelease(errors: ArgumentErrors, args: ReleaseArgs & OperationsArgs): void {
  errors.check("rollout", args.rollout, rollout);
  for (const property of ["beforeTraffic", "afterTraffic"] as const) {
    const given = args[property];
    if (given === undefined || typeof given === "function") continue;
    if (typeof given?.callback !== "function") {
      errors.add(property, "must be a function, or { callback, timeout, environment, grants }");
      continue;
    }
    errors.check(`${property}.timeout`, given.timeout, hookTimeout);
  }
  if (args.liveFunctions) return;
  for (const property of ["rollout", "beforeTraffic", "afterTraffic"] as const) {
    // Without it everything is all at once.
    if (args[property] === undefined || args[property] === "AllAtOnce") continue;
    errors.add(property, "goes with liveFunctions, which releases the function");
  }
}

const seconds = wholeNumber(5, 900, "seconds");
const hookTimeout = (value: number) => {
  const reason = seconds(value);
  return reason && `${reason}; Lambda ends a hook after 15 minutes, and CodeDeploy after an hour`;
};
