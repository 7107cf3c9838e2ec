import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { S3Event } from "aws-lambda";
import { checkArtifact, type ReleaseState } from "../../functions/firmware/releaseArtifact";
import { type JobEnded, type ReleaseStep, releaseSteps, type StepResult } from "../../functions/firmware/releaseSteps";
import { artifactPrefix, releasePrefix } from "../../functions/firmware/releases";
import { startRelease } from "../../functions/firmware/startRelease";
import { s3Event } from "../../functions/runtime/sampleEvents";
import { listBucket, publishTo, readItems, readObjects, startExecutionsOf, writeItems } from "../access/grants";
import { ServiceRole } from "../access/serviceRole";
import { Handler } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import { Rule } from "../rules/rule";
import { checkRollout, type FirmwareRolloutArgs } from "./firmwareArgs";
import { FirmwareBucket } from "./firmwareBucket";
import { manageGroups, manageJobs, passRole, readAccount } from "./firmwareGrants";
import { FirmwareMachine } from "./firmwareMachine";
import { firmwareTables } from "./firmwareTables";
import { FirmwareVersions } from "./firmwareVersions";

/**
 * Releases versions of apps to the fleet, follows them, and knows what runs where.
 *
 * Upload the artifact to `artifacts/<app>/<version>/<file>` and then `releases/<app>/<version>.json`, and the release starts:
 * the artifact is checked, a dynamic group of all older things is made, and once it is really ready, a job for them with
 * a link that works for an hour. The job is followed to its end, which is recorded and told by SNS; so is each refusal.
 *
 * What a thing runs is ours to say: when its job succeeds, the version of the job's document goes to the named shadow `apps`
 * (which a device may read and not write) and to the thing's attributes. What the device says of itself is compared only.
 *
 * ```ts
 * const account = new AccountIot("account");
 * const firmware = new FirmwareRollout("firmware", {
 *   apps: ["cooler"],
 *   account,
 *   topicArn: people.arn,
 *   defaultRollout: { abort: [{ thresholdPercentage: 20, minNumberOfExecutedThings: 10 }], timeoutInMinutes: 60 },
 * });
 * new ShadowDevice("cooler-17", { csr, firmware, apps: { cooler: "1.0" } });
 * ```
 *
 * docs/firmware.md tells how to release, roll back and look after it.
 */
export class FirmwareRollout extends pulumi.ComponentResource {
  readonly apps: readonly string[];
  /** Bytes. */
  readonly maximumArtifactSize: number;
  readonly bucket: FirmwareBucket;
  /** Releases by `app` and `jobId`. */
  readonly releases: aws.dynamodb.Table;
  /** How each device ended each job, by `jobId` and `thingName`. */
  readonly results: aws.dynamodb.Table;
  /** Starts or refuses the release of each release file. */
  readonly start: Handler<S3Event>;
  /** Reads an artifact once, before any device does. */
  readonly check: Handler<ReleaseState, { ended: boolean }>;
  /** Makes groups and jobs, and follows them. */
  readonly steps: Handler<ReleaseStep | JobEnded, StepResult>;
  readonly machine: FirmwareMachine;
  /** Records which thing has which version. */
  readonly versions: FirmwareVersions;

  constructor(name: string, args: FirmwareRolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:firmware:FirmwareRollout", name, {}, opts);
    const checked = checkRollout(name, args);
    const { apps, topicArn, protectData: protect = false } = args;
    const [app = ""] = apps;
    const alarms = AlarmGroup.of(this, name, args);
    const { operations } = alarms;
    const parent = { parent: this };
    const region = aws.getRegionOutput({}, parent).region;
    const iot = pulumi
      .all([aws.getPartitionOutput({}, parent).partition, region, aws.getCallerIdentityOutput({}, parent).accountId])
      .apply(([partition, where, account]) => `arn:${partition}:iot:${where}:${account}`);

    this.apps = apps;
    this.maximumArtifactSize = checked.maximumArtifactSize;
    this.bucket = new FirmwareBucket(name, { protect }, parent);
    const bucket = this.bucket.bucket;
    const { releases, results } = firmwareTables(name, { protect, alarms }, parent);
    this.releases = releases;
    this.results = results;
    const link = new ServiceRole(
      `${name}-link`,
      {
        service: "iot.amazonaws.com",
        description: `What the links of ${name} give devices to read`,
        grants: [readObjects(bucket, artifactPrefix)],
      },
      parent,
    );

    const store = { RELEASES_TABLE: releases.name, TOPIC_ARN: topicArn };
    this.check = new Handler(
      `${name}-check`,
      {
        description: `Checks the artifacts of ${name}`,
        callbackFactory: checkArtifact,
        dryRunEvent: () => ({ app, jobId: `${app}-generated` }),
        unreservedBecause: "called by the state machine once per release",
        environment: { ...store, BUCKET: bucket.bucket },
        grants: [
          readItems(releases),
          writeItems(releases),
          publishTo(topicArn),
          readObjects(bucket, artifactPrefix),
          listBucket(bucket),
        ],
        timeout: 900,
        memorySize: 1024,
        ...operations,
      },
      parent,
    );
    this.steps = new Handler<ReleaseStep | JobEnded, StepResult>(
      `${name}-steps`,
      {
        description: `Makes the groups and jobs of ${name} and follows them`,
        callbackFactory: releaseSteps,
        dryRunEvent: () => ({ step: "group", app, jobId: `${app}-generated` }),
        unreservedBecause: "called by the state machine in ever longer intervals",
        environment: {
          ...store,
          COMPONENT: name,
          BUCKET: bucket.bucket,
          LINK_ROLE_ARN: link.arn,
          LINK_EXPIRES: String(checked.linkExpiresInSec),
        },
        grants: [
          readItems(releases),
          writeItems(releases),
          publishTo(topicArn),
          manageGroups(iot, name),
          manageJobs(iot, name, apps),
          readAccount,
          passRole(link.arn),
          readObjects(bucket, artifactPrefix),
        ],
        timeout: 30,
        ...operations,
      },
      { parent: this, dependsOn: args.account === "owned elsewhere" ? [] : [args.account] },
    );
    this.machine = new FirmwareMachine(
      name,
      { check: this.check, steps: this.steps, releases, topicArn, ...operations },
      parent,
    );
    this.start = new Handler(
      `${name}-start`,
      {
        description: `Starts the releases of ${name}, or refuses them`,
        callbackFactory: startRelease,
        dryRunEvent: () => s3Event(JSON.parse(process.env.RULES ?? "{}").bucket, `${releasePrefix}/${app}/0.0.json`),
        unreservedBecause: "called once per upload of a release file",
        environment: {
          ...store,
          STATE_MACHINE_ARN: this.machine.stateMachine.arn,
          RULES: pulumi.jsonStringify({
            apps,
            maximumSize: checked.maximumArtifactSize,
            bucket: bucket.bucket,
            region,
          }),
          ROLLOUT: JSON.stringify(args.defaultRollout ?? {}),
        },
        grants: [
          readItems(releases),
          writeItems(releases),
          publishTo(topicArn),
          readObjects(bucket, releasePrefix),
          listBucket(bucket),
          startExecutionsOf(this.machine.stateMachine.arn),
        ],
        timeout: 30,
        ...operations,
      },
      parent,
    );
    this.startOnUpload(name);
    this.listenToJobs(name, apps, alarms);

    this.versions = new FirmwareVersions(name, { apps, releases, results, topicArn, iot, ...operations }, parent);
    alarms.close(this);

    this.registerOutputs({
      bucket: this.bucket,
      releases,
      results,
      start: this.start,
      check: this.check,
      steps: this.steps,
      machine: this.machine,
      versions: this.versions,
    });
  }

  private startOnUpload(name: string): void {
    const { bucket } = this.bucket;
    const permission = new aws.lambda.Permission(
      `${name}-upload`,
      {
        action: "lambda:InvokeFunction",
        function: this.start.name,
        qualifier: this.start.qualifier,
        principal: "s3.amazonaws.com",
        sourceArn: bucket.arn,
        // The name of a deleted bucket can be taken by anybody.
        sourceAccount: aws.getCallerIdentityOutput({}, { parent: this }).accountId,
      },
      { parent: this },
    );
    new aws.s3.BucketNotification(
      `${name}-upload`,
      {
        bucket: bucket.bucket,
        lambdaFunctions: [
          {
            id: "release-files",
            lambdaFunctionArn: this.start.arn,
            events: ["s3:ObjectCreated:*"],
            filterPrefix: `${releasePrefix}/`,
          },
        ],
      },
      { parent: this, dependsOn: permission },
    );
  }

  /** A job's end is followed at once; the machine would look hours later. */
  private listenToJobs(name: string, apps: readonly string[], alarms: AlarmGroup): void {
    const ofOurs = apps.map((app) => `startswith(topic(4), '${app}-')`).join(" OR ");
    const rule = new Rule(
      `${name}-job`,
      {
        description: `Tells ${name} that a job has ended`,
        sql:
          "SELECT topic(4) AS job_id FROM '$aws/events/job/+/+' " +
          `WHERE (topic(5) = 'completed' OR topic(5) = 'canceled') AND (${ofOurs})`,
        actions: () => ({ lambdas: [{ functionArn: this.steps.arn }] }),
        ...alarms.operations,
      },
      { parent: this },
    );
    new aws.lambda.Permission(
      `${name}-job`,
      {
        action: "lambda:InvokeFunction",
        function: this.steps.name,
        qualifier: this.steps.qualifier,
        principal: "iot.amazonaws.com",
        sourceArn: rule.rule.arn,
      },
      { parent: this },
    );
  }
}
