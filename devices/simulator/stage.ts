import { createHash } from "node:crypto";
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateJobCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteCertificateCommand,
  DeleteJobCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DeleteThingGroupCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  paginateListJobExecutionsForJob,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import type { Random } from "./faults";

export interface StageOptions {
  /** Configuration of any AWS client. */
  readonly aws: { readonly region: string };
  /** Begins the names of all that is made, so that it can be told apart and removed. */
  readonly name: string;
  readonly thingNames: readonly string[];
  readonly app: string;
  readonly version: string;
  readonly build: number;
  readonly imageSize: number;
  readonly random: Random;
}

/** Calls at a time; AWS takes ten to fifteen a second of most, and the SDK waits where it is too much. */
const callsAtATime = 10;

/** What a simulation makes in an account, and removes again: things with one certificate, an image with a way to it, a job. */
export class Stage {
  private readonly iot: IoTClient;
  private readonly s3: S3Client;
  private readonly iam: IAMClient;
  /** How to take away what was made, last first. */
  private readonly undo: (() => Promise<unknown>)[] = [];
  private readonly image: Buffer;
  readonly sha256: string;
  certificatePem = "";
  keyPem = "";
  private roleArn = "";
  private groupArn = "";

  constructor(private readonly options: StageOptions) {
    const config = { ...options.aws, maxAttempts: 10 };
    this.iot = new IoTClient(config);
    this.s3 = new S3Client(config);
    this.iam = new IAMClient(config);
    this.image = Buffer.alloc(options.imageSize);
    for (let at = 0; at < this.image.length; at++) this.image[at] = Math.floor(options.random() * 256);
    this.sha256 = createHash("sha256").update(this.image).digest("hex");
  }

  async setUp(): Promise<void> {
    await this.makeImage();
    await this.makeThings();
  }

  /** Makes a job that brings all things to the version. @returns its id */
  async release(): Promise<string> {
    const { name, app, version, build, imageSize, aws } = this.options;
    const jobId = `${name}-${Date.now().toString(36)}`;
    const link = `https://s3.${aws.region}.amazonaws.com/${this.bucket}/${this.key}`;
    await this.iot.send(
      new CreateJobCommand({
        jobId,
        targets: [this.groupArn],
        presignedUrlConfig: { roleArn: this.roleArn, expiresInSec: 3600 },
        document: JSON.stringify({
          app,
          app_url: `\${aws:iot:s3-presigned-url:${link}}`,
          app_version: version,
          build,
          sha256: this.sha256,
          size: imageSize,
        }),
      }),
    );
    this.undo.push(() => this.iot.send(new DeleteJobCommand({ jobId, force: true })));
    return jobId;
  }

  /** What the cloud says of each thing's job. */
  async statuses(jobId: string): Promise<ReadonlyMap<string, string>> {
    const statuses = new Map<string, string>();
    for await (const { executionSummaries = [] } of paginateListJobExecutionsForJob({ client: this.iot }, { jobId })) {
      for (const { thingArn = "", jobExecutionSummary } of executionSummaries) {
        statuses.set(thingArn.slice(thingArn.indexOf("/") + 1), jobExecutionSummary?.status ?? "");
      }
    }
    return statuses;
  }

  /** Removes all that was made. @returns what could not be, in words */
  async tearDown(): Promise<readonly string[]> {
    const left: string[] = [];
    const limit = pLimit(callsAtATime);
    // Things of a group have to be out of everything before that goes, so one kind after the other.
    for (const work of this.undo.splice(0).reverse()) {
      await limit(work).catch((error: Error) => left.push(`${error.name}: ${error.message}`));
    }
    return left;
  }

  private get bucket(): string {
    return `${this.options.name}-images`;
  }

  private get key(): string {
    const { app, version } = this.options;
    return `artifacts/${app}/${version}/image.bin`;
  }

  private async makeImage(): Promise<void> {
    const { aws, name } = this.options;
    const [Bucket, Key, RoleName, PolicyName] = [this.bucket, this.key, `${name}-links`, "read"];
    await this.s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(aws.region === "us-east-1"
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: aws.region as "eu-west-1" } }),
      }),
    );
    this.undo.push(() => this.s3.send(new DeleteBucketCommand({ Bucket })));
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body: this.image }));
    this.undo.push(() => this.s3.send(new DeleteObjectCommand({ Bucket, Key })));
    const { Role } = await this.iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: policy([{ Action: "sts:AssumeRole", Principal: { Service: "iot.amazonaws.com" } }]),
      }),
    );
    this.undo.push(() => this.iam.send(new DeleteRoleCommand({ RoleName })));
    this.roleArn = Role?.Arn as string;
    const PolicyDocument = policy([{ Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` }]);
    await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    this.undo.push(() => this.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  }

  private async makeThings(): Promise<void> {
    const { iot } = this;
    const { thingNames, name } = this.options;
    const policyName = `${name}-policy`;
    await iot.send(new CreatePolicyCommand({ policyName, policyDocument: devicePolicy(this.roleArn, this.options) }));
    this.undo.push(() => iot.send(new DeletePolicyCommand({ policyName })));
    // One for all of them: each still connects as its own thing, and a thousand key pairs would be a minute's wait.
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const [certificateId, principal] = [made.certificateId as string, made.certificateArn as string];
    this.certificatePem = made.certificatePem as string;
    this.keyPem = made.keyPair?.PrivateKey as string;
    this.undo.push(async () => {
      await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
      await iot.send(new DeleteCertificateCommand({ certificateId }));
    });
    await iot.send(new AttachPolicyCommand({ policyName, target: principal }));
    this.undo.push(() => iot.send(new DetachPolicyCommand({ policyName, target: principal })));
    const { thingGroupArn } = await iot.send(new CreateThingGroupCommand({ thingGroupName: name }));
    this.groupArn = thingGroupArn as string;
    this.undo.push(() => iot.send(new DeleteThingGroupCommand({ thingGroupName: name })));

    const limit = pLimit(callsAtATime);
    const each = (work: (thingName: string) => Promise<unknown>) =>
      Promise.all(thingNames.map((thingName) => limit(() => work(thingName))));
    this.undo.push(() =>
      each(async (thingName) => {
        await iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
        await iot.send(new DeleteThingCommand({ thingName }));
      }),
    );
    await each(async (thingName) => {
      await iot.send(new CreateThingCommand({ thingName }));
      await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
      await iot.send(new AddThingToThingGroupCommand({ thingName, thingGroupName: name }));
    });
  }
}

/** What simulated devices may do: connect as their thing, and reach its shadow and jobs. */
function devicePolicy(roleArn: string, { aws }: StageOptions): string {
  const [, partition, , , account] = roleArn.split(":");
  const arn = (kind: string, name: string) => `arn:${partition}:iot:${aws.region}:${account}:${kind}/${name}`;
  const thing = "${iot:Connection.Thing.ThingName}";
  const own = `$aws/things/${thing}/*`;
  return policy([
    { Action: "iot:Connect", Resource: arn("client", thing) },
    { Action: ["iot:Publish", "iot:Receive"], Resource: arn("topic", own) },
    { Action: "iot:Subscribe", Resource: arn("topicfilter", own) },
  ]);
}

function policy(statements: readonly object[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });
}
