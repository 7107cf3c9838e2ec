import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateJobCommand, DescribeJobExecutionCommand, IoTClient } from "@aws-sdk/client-iot";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type App, type Device, UpdateAgent, type UpdateAgentOptions, type UpdateResult } from "../../devices";
import { awsConfig } from "../../sandbox/aws";
import { type Registered, register } from "./devicesHelp";
import { Lab, reconnect } from "./devicesLab";

/** An image in the bucket. */
export interface Uploaded {
  readonly key: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

export interface RunningAgent {
  readonly agent: UpdateAgent;
  readonly device: Device;
  readonly folder: string;
  /** What it said was over, so far. */
  readonly results: UpdateResult[];
  /** The next time it says so. */
  finished(): Promise<UpdateResult>;
}

export interface JobSettings {
  readonly app?: string;
  readonly version?: string;
  readonly document?: object;
}

/** A local cloud where jobs hand out images of a private bucket, by presigned links. */
export class AgentLab {
  private readonly bucket = "agent-lab";
  private roleArn = "";
  private jobs = 0;
  private readonly agents: UpdateAgent[] = [];
  private readonly folders: string[] = [];

  private constructor(readonly lab: Lab) {}

  /** Call it in a `describe`. */
  static inThisSuite(): AgentLab {
    const lab = new AgentLab(Lab.inThisSuite());
    before(() => lab.prepare());
    afterEach(async () => {
      await Promise.all(lab.agents.splice(0).map((agent) => agent.stop()));
    });
    after(() => {
      for (const folder of lab.folders) rmSync(folder, { recursive: true });
    });
    return lab;
  }

  get iot(): IoTClient {
    return new IoTClient(awsConfig(this.lab.cloud));
  }

  newFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
    this.folders.push(folder);
    return folder;
  }

  register(thingName: string): Promise<Registered> {
    return register(this.lab.cloud, thingName);
  }

  async upload(version: string, size = 100_000): Promise<Uploaded> {
    const bytes = randomBytes(size);
    const key = `artifacts/lamp/${version}/lamp.bin`;
    await new S3Client(awsConfig(this.lab.cloud)).send(
      new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: bytes }),
    );
    return { key, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  /** Makes a job for a thing, as FirmwareRollout makes them; `document` replaces parts of its document. */
  async createJob(thingName: string, image: Uploaded, settings: JobSettings = {}): Promise<string> {
    const { app = "lamp", version = "2.0", document = {} } = settings;
    const { region, accountId } = this.lab.cloud;
    const jobId = `${app}-${version.replace(/\./g, "_")}-${++this.jobs}`;
    const link = `https://s3.${region}.amazonaws.com/${this.bucket}/${image.key}`;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    await this.iot.send(
      new CreateJobCommand({
        jobId,
        targets: [`arn:aws:iot:${region}:${accountId}:thing/${thingName}`],
        document: JSON.stringify({
          app,
          app_url: `\${aws:iot:s3-presigned-url:${link}}`,
          app_version: version,
          build: major * 1_000_000 + minor * 1_000,
          sha256: image.sha256,
          size: image.bytes.length,
          ...document,
        }),
        presignedUrlConfig: { roleArn: this.roleArn, expiresInSec: 3600 },
      }),
    );
    return jobId;
  }

  async execution(thingName: string, jobId: string) {
    const { execution } = await this.iot.send(new DescribeJobExecutionCommand({ thingName, jobId }));
    return { status: execution?.status, details: execution?.statusDetails?.detailsMap ?? {} };
  }

  /** Starts an agent; stopped after the test. */
  async start(
    who: Registered,
    {
      lamp = {},
      folder = this.newFolder(),
      port,
      ...options
    }: Partial<UpdateAgentOptions> & { lamp?: App; port?: number } = {},
  ): Promise<RunningAgent> {
    const device = await this.lab.join(who, port === undefined ? {} : { port });
    const agent = new UpdateAgent(device, {
      folder,
      apps: { lamp: { factory: { version: "1.0", build: 1_000_000 }, ...lamp } },
      retry: reconnect,
      ...options,
    });
    const results: UpdateResult[] = [];
    agent.on("finished", (result) => results.push(result));
    this.agents.push(agent);
    const finished = async () => (await once(agent, "finished"))[0] as UpdateResult;
    await agent.start();
    return { agent, device, folder, results, finished };
  }

  private async prepare(): Promise<void> {
    const config = awsConfig(this.lab.cloud);
    await new S3Client(config).send(new CreateBucketCommand({ Bucket: this.bucket }));
    const iam = new IAMClient(config);
    const statement = (rest: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...rest }] });
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: "agent-lab-presign",
        AssumeRolePolicyDocument: statement({
          Principal: { Service: "iot.amazonaws.com" },
          Action: "sts:AssumeRole",
        }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "agent-lab-presign",
        PolicyName: "read",
        PolicyDocument: statement({ Action: "s3:GetObject", Resource: `arn:aws:s3:::${this.bucket}/*` }),
      }),
    );
    this.roleArn = Role?.Arn as string;
  }
}
