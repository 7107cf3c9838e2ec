import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Claims, deviceApps, type FirstVersions } from "../../functions/firmware/deviceApps";
import { executionEnded } from "../../functions/firmware/executionEnded";
import type { ExecutionEvent } from "../../functions/firmware/executions";
import { readItems, updateItems, writeItems } from "../access/grants";
import { AlarmGroup } from "../observability/alarmGroup";
import { watchClaims, watchJobs } from "../observability/firmwareAlarms";
import type { OperationsArgs } from "../observability/operations";
import { TopicSubscription } from "../rules/topicSubscription";
import { readJobDocuments, recordVersions } from "./firmwareGrants";

export interface FirmwareVersionsArgs extends OperationsArgs {
  readonly apps: readonly string[];
  readonly releases: aws.dynamodb.Table;
  readonly results: aws.dynamodb.Table;
  readonly topicArn: pulumi.Input<string>;
  /** `arn:aws:iot:<region>:<account>`. */
  readonly iot: pulumi.Output<string>;
}

/**
 * Which thing has which version, for a {@link FirmwareRollout}: the named shadow `apps` of each thing, the attributes
 * `app_version` and `app_build`, and how each device ended each job.
 */
export class FirmwareVersions extends pulumi.ComponentResource {
  /** Records how devices ended their jobs. */
  readonly ended: TopicSubscription<ExecutionEvent, void>;
  /** Compares what devices claim; writes first versions. */
  readonly claims: TopicSubscription<Claims | FirstVersions, void>;

  constructor(name: string, args: FirmwareVersionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:firmware:FirmwareVersions", name, {}, opts);
    const { apps, releases, results, topicArn, iot } = args;
    const alarms = AlarmGroup.of(this, name, args);
    const parent = { parent: this };
    const environment = {
      RELEASES_TABLE: releases.name,
      RESULTS_TABLE: results.name,
      TOPIC_ARN: topicArn,
      FIRST_APP: apps[0] ?? "",
      APPS: apps.join(","),
    };
    const grants = [readItems(releases), recordVersions(iot)];

    this.ended = new TopicSubscription<ExecutionEvent, void>(
      `${name}-ended`,
      {
        description: `Records how devices ended the jobs of ${name}`,
        topicFilter: "$aws/events/jobExecution/+/+",
        select: "*, topic(4) AS job_id",
        where: "topic(5) <> 'deleted'",
        callbackFactory: executionEnded,
        dryRunEvent: () => ({
          job_id: `${process.env.FIRST_APP}-generated`,
          thingArn: "arn:aws:iot:us-east-1:123456789012:thing/generated",
          status: "SUCCEEDED",
          timestamp: Date.now(),
        }),
        unreservedBecause: "as many devices end at once as the rate of the rollout lets",
        environment,
        grants: [...grants, updateItems(results), readJobDocuments(iot, apps)],
        timeout: 30,
        ...alarms.operations,
      },
      parent,
    );
    this.claims = new TopicSubscription<Claims | FirstVersions, void>(
      `${name}-claims`,
      {
        description: `Compares what devices say of themselves with what ${name} has recorded`,
        topicFilter: "$aws/things/+/shadow/update/accepted",
        select: "topic(3) AS thingName, state.reported.apps AS apps",
        where: "isUndefined(state.reported.apps) = false",
        callbackFactory: deviceApps,
        dryRunEvent: () => ({ thingName: "generated", apps: { [process.env.FIRST_APP ?? ""]: "1.0" } }),
        unreservedBecause: "devices report their versions only when they start",
        environment,
        grants: [...grants, writeItems(results)],
        timeout: 30,
        ...alarms.operations,
      },
      parent,
    );
    const ended = this.ended.handler.name;
    watchJobs(alarms, name, { functionName: ended }, parent);
    watchClaims(alarms, name, { claims: this.claims.handler.name, ended }, parent);
    alarms.close(this);
    this.registerOutputs({ ended: this.ended, claims: this.claims });
  }

  /**
   * Writes what a thing is delivered with, unless a release brought something since; made by {@link ShadowDevice} for things
   * that are declared with `apps`.
   */
  recordFirst(
    name: string,
    thingName: pulumi.Input<string>,
    first: Readonly<Record<string, string>>,
    opts: pulumi.CustomResourceOptions,
  ): void {
    new aws.lambda.Invocation(
      `${name}-first-versions`,
      {
        functionName: this.claims.handler.name,
        qualifier: this.claims.handler.qualifier,
        input: pulumi.jsonStringify({ thingName, first }),
      },
      opts,
    );
  }
}
