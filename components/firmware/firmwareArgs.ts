import type * as pulumi from "@pulumi/pulumi";
import { appProblem } from "../../functions/firmware/releases";
import { type RolloutSettings, rolloutProblems } from "../../functions/firmware/rolloutSettings";
import { ArgumentErrors } from "../args/argumentErrors";
import { wholeNumber } from "../args/checks";
import type { OperationsArgs } from "../observability/operations";
import type { AccountIot } from "./accountIot";

export interface FirmwareRolloutArgs extends OperationsArgs {
  /**
   * The apps that run on devices and are released here: 1 to 20, each of 1 to 32 lower-case letters, digits and `_`, a letter
   * first. The first one's version is in the attributes `app_version` and `app_build` of things, too. In one account and
   * region an app belongs to one rollout: its name begins the ids of its jobs.
   */
  readonly apps: readonly string[];
  /**
   * The account's fleet indexing and job events, without which nothing is released: the component, where this stack has it,
   * or `"owned elsewhere"`. A release in an account without them fails and says so.
   */
  readonly account: AccountIot | "owned elsewhere";
  /** ARN of the SNS topic that the end of each release is told on, and each refusal. */
  readonly topicArn: pulumi.Input<string>;
  /**
   * How releases go out where their files do not say otherwise.
   * @default all at once, never aborted, no timeout, no retries, only things that are there
   */
  readonly defaultRollout?: RolloutSettings;
  /**
   * Bytes that an artifact may have, 1 to 5 GiB. Each is read once before its release, at about 50 MB a second.
   * @default 268435456 (256 MiB)
   */
  readonly maximumArtifactSize?: number;
  /**
   * Seconds that a link to an artifact works, 60 to 3,600; a device that is slower asks for another.
   * @default 3600
   */
  readonly linkExpiresInSec?: number;
  /**
   * Whether bucket and tables are protected from deletion, by Pulumi and by AWS.
   * @default false
   */
  readonly protectData?: boolean;
}

/** Checks the arguments of a rollout, all at once. @throws InputPropertiesError */
export function checkRollout(name: string, args: FirmwareRolloutArgs) {
  const errors = new ArgumentErrors(`FirmwareRollout ${JSON.stringify(name)}`);
  const { apps = [], maximumArtifactSize = 256 * 1024 ** 2, linkExpiresInSec = 3600 } = args;

  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    errors.add(
      "name",
      `${JSON.stringify(name)} begins the names of thing groups: 1 to 64 letters, digits, "_" and "-"`,
    );
  }
  if (apps.length < 1 || apps.length > 20) errors.add("apps", `must be 1 to 20 apps, not ${apps.length}`);
  for (const [at, app] of apps.entries()) {
    errors.check(
      `apps[${at}]`,
      app,
      (value) => appProblem(value) ?? (apps.indexOf(value) < at ? "is there twice" : undefined),
    );
  }
  if (args.account === undefined) {
    errors.add(
      "account",
      'must be the AccountIot of this stack, or "owned elsewhere" if another stack of the account and region has it',
    );
  }
  if (args.topicArn === undefined) errors.add("topicArn", "must be the ARN of the SNS topic that releases are told on");
  for (const { path, reason } of rolloutProblems(args.defaultRollout ?? {}, "defaultRollout")) errors.add(path, reason);
  errors.check("maximumArtifactSize", maximumArtifactSize, wholeNumber(1, 5 * 1024 ** 3, "bytes"));
  errors.check("linkExpiresInSec", linkExpiresInSec, wholeNumber(60, 3600, "seconds"));
  errors.throwIfAny();
  return { maximumArtifactSize, linkExpiresInSec };
}
