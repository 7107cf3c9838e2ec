import { createHash, randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeThingCommand, IoTClient, ListJobsCommand } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { waitFor } from "../../common/waitFor";
import { AccountIot, DevicePolicy, FirmwareRollout, NotificationTopic, ShadowDevice } from "../../components";
import { Device } from "../../devices";
import type {
  DeviceResult,
  InstalledApp,
  Release,
  ReleaseFile,
  ReleaseNotice,
} from "../../functions/firmware/releases";
import type { AwsConfig } from "../../sandbox/aws";
import type { LocalCloud } from "../../sandbox/localCloud";
import { openOwnCloud } from "./support/ownCloud";

/** What a device does with a job: how it ends, and what it claims to run then. */
export type Behaviour = (job: { version: string }) => {
  status: "SUCCEEDED" | "FAILED" | "REJECTED";
  reason?: string;
  claims?: string;
};

export const app = "cooler";

interface Delivered {
  readonly thingName: string;
  readonly certificatePem: string;
  readonly privateKey: string;
}

type LabOutputs = Record<"topicArn" | "bucket" | "releases" | "results" | "start" | "ended", string> & {
  readonly devices: readonly Delivered[];
};

/** A local cloud with a rollout, and devices that are delivered with some versions. */
export class FirmwareLab {
  private constructor(
    readonly cloud: LocalCloud,
    readonly config: AwsConfig,
    private readonly outputs: Readonly<Record<string, string>>,
    private readonly credentials: readonly Delivered[],
  ) {}

  private readonly devices = new Map<string, Device>();
  private readonly behaviours = new Map<string, Behaviour>();
  private readonly notices = new Map<string, ReleaseNotice>();
  private readonly artifacts = new Map<string, Buffer>();

  static async open(versions: Readonly<Record<string, string>>): Promise<FirmwareLab> {
    const own = await openOwnCloud<LabOutputs>(
      () => {
        const topic = new NotificationTopic("releases");
        const firmware = new FirmwareRollout("firmware", {
          apps: [app, "radio"],
          account: new AccountIot("account", { protectData: false }),
          topicArn: topic.arn,
          maximumArtifactSize: 100_000,
          // Ten seconds, where AWS has minutes.
          thresholds: { period: 10, quietPeriods: 1 },
        });
        const policy = new DevicePolicy("device", { readOnlyShadows: ["apps"] });
        const devices = Object.entries(versions).map(
          ([name, version]) => new ShadowDevice(name, { policy, firmware, apps: { [app]: version } }),
        );
        return {
          topicArn: topic.arn,
          bucket: firmware.bucket.bucket.bucket,
          releases: firmware.releases.name,
          results: firmware.results.name,
          start: firmware.start.name,
          ended: firmware.versions.ended.handler.name,
          devices: devices.map(({ thing, certificatePem, privateKey }) => ({
            thingName: thing.name,
            certificatePem,
            privateKey,
          })),
        };
      },
      { asyncRetryBaseSeconds: 0.05, fleetIndexLagSeconds: 0.5 },
    );
    const { cloud, aws: config } = own;
    const { devices, topicArn, ...names } = own.outputs;
    const queueArn = `arn:aws:sqs:${cloud.region}:${cloud.accountId}:notices`;
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn },
      ],
    });
    const { QueueUrl } = await new SQSClient(config).send(
      new CreateQueueCommand({ QueueName: "notices", Attributes: { Policy } }),
    );
    await new SNSClient(config).send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: "sqs",
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: "true" },
      }),
    );
    return new FirmwareLab(cloud, config, { notices: QueueUrl as string, ...names }, devices);
  }

  async close(): Promise<void> {
    await Promise.all([...this.devices.values()].map((device) => device.close()));
    await this.cloud.stop();
  }

  /** Connects a device that does each job as it is told, at once. */
  async join(thingName: string, behaviour: Behaviour): Promise<Device> {
    const found = this.credentials.find((one) => one.thingName === thingName);
    if (!found) throw new Error(`${thingName} is not declared`);
    const { certificatePem, privateKey: keyPem } = found;
    const device = await Device.connect({ thingName, certificatePem, keyPem, ...this.cloud.mqtt });
    this.devices.set(thingName, device);
    this.behave(thingName, behaviour);
    const work = async () => {
      const job = await device.jobs.startNext();
      if (!job) return;
      const { app_version: version } = job.jobDocument as unknown as { app_version: string };
      const {
        status,
        reason,
        claims = version,
      } = this.behaviours.get(thingName)?.({ version }) ?? { status: "FAILED" };
      if (status === "SUCCEEDED") await device.report({ apps: { [app]: claims } });
      await device.jobs.update(job.jobId, { status, ...(reason && { statusDetails: { reason } }) });
    };
    await device.jobs.onNext((jobId) => {
      // The test sees what was not done.
      if (jobId) work().catch(() => {});
    });
    await work();
    return device;
  }

  /** What a device does from now on. */
  behave(thingName: string, behaviour: Behaviour): void {
    this.behaviours.set(thingName, behaviour);
  }

  device(thingName: string): Device {
    const device = this.devices.get(thingName);
    if (!device) throw new Error(`${thingName} has not joined`);
    return device;
  }

  thingArn(thingName: string): string {
    return `arn:aws:iot:${this.cloud.region}:${this.cloud.accountId}:thing/${thingName}`;
  }

  async put(Key: string, Body: string | Buffer): Promise<void> {
    await new S3Client(this.config).send(new PutObjectCommand({ Bucket: this.outputs.bucket, Key, Body }));
  }

  /** Uploads an artifact; of a version that was uploaded before, the same. @returns the release file that is true of it */
  async artifact(version: string, of = app): Promise<ReleaseFile> {
    const key = `artifacts/${of}/${version}/${of}.bin`;
    const bytes = this.artifacts.get(key) ?? randomBytes(1000);
    this.artifacts.set(key, bytes);
    await this.put(key, bytes);
    return { version, artifact: key, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
  }

  release(file: ReleaseFile): Promise<void> {
    return this.put(`releases/${app}/${file.version}.json`, JSON.stringify(file));
  }

  /** Calls a function as a rule or S3 would, and waits for its end. */
  async call(name: "start" | "ended", event: object): Promise<void> {
    const { FunctionError, Payload } = await new LambdaClient(this.config).send(
      new InvokeCommand({
        FunctionName: this.outputs[name],
        Qualifier: "live",
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
    if (FunctionError) throw new Error(Buffer.from(Payload ?? []).toString());
  }

  /** The event that S3 sent for the newest version of a release file. */
  async eventOf(key: string): Promise<object> {
    const { VersionId } = await new S3Client(this.config).send(
      new HeadObjectCommand({ Bucket: this.outputs.bucket, Key: key }),
    );
    const s3 = { bucket: { name: this.outputs.bucket }, object: { key, versionId: VersionId, sequencer: "0" } };
    return { Records: [{ eventTime: new Date().toISOString(), s3 }] };
  }

  /** All jobs that there are. */
  async jobs(): Promise<string[]> {
    const { jobs = [] } = await new IoTClient(this.config).send(new ListJobsCommand({}));
    return jobs.map(({ jobId }) => jobId as string);
  }

  async releases(of = app): Promise<Release[]> {
    const { Items = [] } = await this.table.send(
      new QueryCommand({
        TableName: this.outputs.releases,
        KeyConditionExpression: "app = :app",
        ExpressionAttributeValues: { ":app": of },
      }),
    );
    return Items as Release[];
  }

  /** Waits until a release is at its end, or where else it is expected. */
  async reaches(jobId: string, status: Release["status"], of = app): Promise<Release> {
    let last: Release | undefined;
    await waitFor(
      `${jobId} to be ${status}`,
      async () => {
        last = (await this.releases(of)).find((release) => release.jobId === jobId);
        return last?.status === status;
      },
      { everyMs: 100, lastSeen: () => last },
    );
    return last as Release;
  }

  /** Waits for a refusal whose reason matches. */
  async refused(reason: RegExp, of = app): Promise<Release> {
    let found: Release | undefined;
    let last: Release[] = [];
    await waitFor(
      `a refusal because of ${reason}`,
      async () => {
        last = await this.releases(of);
        found = last.find((release) => release.status === "REFUSED" && reason.test(release.reason ?? ""));
        return found !== undefined;
      },
      { everyMs: 100, lastSeen: () => last },
    );
    return found as Release;
  }

  async result(jobId: string, thingName: string): Promise<DeviceResult | undefined> {
    const { Item } = await this.table.send(
      new GetCommand({ TableName: this.outputs.results, Key: { jobId, thingName } }),
    );
    return Item as DeviceResult | undefined;
  }

  /** Waits until it is noted how a device ended a job: that comes after its version. */
  ended(jobId: string, thingName: string): Promise<DeviceResult> {
    return waitFor(`the result of ${thingName} in ${jobId}`, () => this.result(jobId, thingName));
  }

  /** How devices ended a job that they began. */
  async results(jobId: string): Promise<DeviceResult[]> {
    const { Items = [] } = await this.table.send(
      new QueryCommand({
        TableName: this.outputs.results,
        KeyConditionExpression: "jobId = :jobId",
        ExpressionAttributeValues: { ":jobId": jobId },
      }),
    );
    return (Items as DeviceResult[]).filter(({ status }) => status !== "CANCELED");
  }

  /** What is recorded of a thing: the shadow `apps`, and the attributes. */
  async installed(thingName: string): Promise<{ installed?: InstalledApp; attributes: Record<string, string> }> {
    const { attributes = {} } = await new IoTClient(this.config).send(new DescribeThingCommand({ thingName }));
    const { payload } = await new IoTDataPlaneClient(this.config).send(
      new GetThingShadowCommand({ thingName, shadowName: "apps" }),
    );
    return { installed: JSON.parse(Buffer.from(payload ?? []).toString()).state.reported?.[app], attributes };
  }

  async waitForVersion(thingName: string, version: string): Promise<void> {
    let last: unknown;
    await waitFor(
      `${thingName} to have ${version}`,
      async () => {
        const { installed, attributes } = await this.installed(thingName);
        last = { installed, attributes };
        return installed?.version === version && attributes.app_version === version;
      },
      { everyMs: 100, lastSeen: () => last },
    );
  }

  /** Waits for what SNS tells of a job; a notice may come twice. */
  async told(jobId: string): Promise<ReleaseNotice> {
    const sqs = new SQSClient(this.config);
    await waitFor(
      `a notice of ${jobId}`,
      async () => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: this.outputs.notices, MaxNumberOfMessages: 10 }),
        );
        for (const { Body = "", ReceiptHandle } of Messages) {
          const notice: ReleaseNotice = JSON.parse(Body);
          this.notices.set(notice.jobId, notice);
          await sqs.send(new DeleteMessageCommand({ QueueUrl: this.outputs.notices, ReceiptHandle }));
        }
        return this.notices.has(jobId);
      },
      { everyMs: 100, lastSeen: () => [...this.notices.keys()] },
    );
    return this.notices.get(jobId) as ReleaseNotice;
  }

  private get table(): DynamoDBDocumentClient {
    return DynamoDBDocumentClient.from(new DynamoDBClient(this.config));
  }
}
