import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { appsShadow } from "../../functions/firmware/releases";
import { ArgumentErrors } from "../args/argumentErrors";
import { oneOf, shadowName } from "../args/checks";

export interface AccountIotArgs {
  /**
   * Named shadows that fleet queries shall see, beside `apps`, where the versions of apps are. AWS IoT indexes 10 at most.
   * @default none
   */
  readonly namedShadows?: readonly string[];
  /**
   * Events that AWS IoT shall publish, beside JOB and JOB_EXECUTION: `["THING"]`. All others are off.
   * @default none
   */
  readonly events?: readonly string[];
  /**
   * Whether the settings are protected from deletion: without them no rollout of the account goes on.
   * @default true
   */
  readonly protectData?: boolean;
}

/**
 * What AWS IoT has once per account and region: fleet indexing (things, shadows, connectivity) and the events of jobs and
 * their executions.
 *
 * Exactly one stack of an account and region owns it: two owners would overwrite each other at every deployment, and the
 * one that is destroyed first would switch it off for both. The others tell {@link FirmwareRollout} that it is "owned
 * elsewhere". The policy account-singletons holds the list of owners (policies/config/thingstack-reliability.json).
 *
 * ```ts
 * const account = new AccountIot("account");
 * new FirmwareRollout("firmware", { apps: ["cooler"], account, topicArn: people.arn });
 * ```
 */
export class AccountIot extends pulumi.ComponentResource {
  readonly indexing: aws.iot.IndexingConfiguration;
  readonly events: aws.iot.EventConfigurations;

  constructor(name: string, args: AccountIotArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:AccountIot", name, {}, opts);
    const { namedShadows, events } = checkArgs(name, args);
    const options = { parent: this, protect: args.protectData ?? true };

    this.indexing = new aws.iot.IndexingConfiguration(
      `${name}-indexing`,
      {
        thingIndexingConfiguration: {
          thingIndexingMode: "REGISTRY_AND_SHADOW",
          thingConnectivityIndexingMode: "STATUS",
          namedShadowIndexingMode: "ON",
          filter: { namedShadowNames: namedShadows },
        },
        thingGroupIndexingConfiguration: { thingGroupIndexingMode: "ON" },
      },
      options,
    );
    this.events = new aws.iot.EventConfigurations(
      `${name}-events`,
      {
        // All of them, as AWS gives all of them back: one that is left out would be a difference for ever.
        eventConfigurations: Object.fromEntries(eventTypes.map((type) => [type, events.includes(type)])),
      },
      options,
    );

    this.registerOutputs({ indexing: this.indexing, events: this.events });
  }
}

/** The events that AWS IoT knows. {@link https://docs.aws.amazon.com/iot/latest/apireference/API_UpdateEventConfigurations.html} */
const eventTypes = [
  "THING",
  "THING_GROUP",
  "THING_TYPE",
  "THING_GROUP_MEMBERSHIP",
  "THING_GROUP_HIERARCHY",
  "THING_TYPE_ASSOCIATION",
  "JOB",
  "JOB_EXECUTION",
  "POLICY",
  "CERTIFICATE",
  "CA_CERTIFICATE",
];

function checkArgs(name: string, args: AccountIotArgs) {
  const errors = new ArgumentErrors(`AccountIot ${JSON.stringify(name)}`);
  const more = args.namedShadows ?? [];
  for (const [at, shadow] of more.entries()) errors.check(`namedShadows[${at}]`, shadow, shadowName);
  const all = [...new Set([appsShadow, ...more])];
  if (all.length > 10) errors.add("namedShadows", `are ${all.length} with "${appsShadow}"; AWS IoT indexes 10 at most`);
  for (const [at, type] of (args.events ?? []).entries()) errors.check(`events[${at}]`, type, oneOf(eventTypes));
  errors.throwIfAny();
  return { namedShadows: all, events: ["JOB", "JOB_EXECUTION", ...(args.events ?? [])] };
}
