import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";
import { AttachRolePolicyCommand, CreatePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { expect } from "chai";
import { projectDirectory } from "../../common/project";
import { within } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { sandboxDirectory } from "../../sandbox/ministack/folders";
import {
  createFunction,
  describeFamily,
  familyOf,
  policy,
  type RunningProcess,
  startWorker,
  untilGone,
} from "./localCloudHelp";

const ASSUMED_BY_ANYONE = policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" } });

/** What a function finds around it: whether its SQS client is the real one, and where AWS is for it. */
const LOOK_AROUND = `
const { SQSClient } = require("@aws-sdk/client-sqs");
exports.handler = async () => ({
  middleware: typeof new SQSClient({}).middlewareStack?.add,
  endpoint: process.env.AWS_ENDPOINT_URL,
  key: process.env.AWS_ACCESS_KEY_ID,
  home: process.env.HOME,
  leaked: Object.keys(process.env).filter((name) => name.startsWith("LEAK_") || name === "AWS_PROFILE"),
  chai: (() => { try { return require.resolve("chai"); } catch (error) { return error.code; } })(),
});`;

describe("the local cloud", () => {
  let cloud: LocalCloud;

  before("start, on the very first run after installing MiniStack", async () => {
    process.env.LEAK_TEST = "secret of the user";
    process.env.AWS_PROFILE = "of-the-user";
    cloud = await startLocalCloud({ accountId: "111122223333", region: "eu-central-1" });
  });

  after(async () => {
    delete process.env.LEAK_TEST;
    delete process.env.AWS_PROFILE;
    await cloud?.stop();
  });

  it("answers at the front door, in the account and region it was started with", async () => {
    const identity = await new STSClient(awsConfig(cloud)).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).to.equal("arn:aws:iam::111122223333:root");
    const queue = await new SQSClient(awsConfig(cloud)).send(new CreateQueueCommand({ QueueName: "at-home" }));
    expect(queue.QueueUrl, "MiniStack names the front door in its URLs").to.match(new RegExp(`^${cloud.endpoint}/`));
  });

  it("serves other accounts, apart from its own", async () => {
    const client = new SQSClient(awsConfig(cloud, "444455556666"));
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls ?? []).to.deep.equal([]);
  });

  it("enforces IAM: a role may do what its policy says, and nothing before", async () => {
    const iam = new IAMClient(awsConfig(cloud));
    const role = await iam.send(
      new CreateRoleCommand({ RoleName: "limited", AssumeRolePolicyDocument: ASSUMED_BY_ANYONE }),
    );
    const assumed = await new STSClient(awsConfig(cloud)).send(
      new AssumeRoleCommand({ RoleArn: role.Role!.Arn!, RoleSessionName: "test" }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = assumed.Credentials!;
    const create = (secretAccessKey = SecretAccessKey!) => {
      const credentials = { accessKeyId: AccessKeyId!, secretAccessKey, sessionToken: SessionToken! };
      const sqs = new SQSClient({ ...awsConfig(cloud), credentials });
      return sqs.send(new CreateQueueCommand({ QueueName: "of-the-role" }));
    };
    expect(await failureOf(create())).to.match(/AccessDenied/);

    const document = policy({ Effect: "Allow", Action: "sqs:CreateQueue", Resource: "*" });
    const allowed = await iam.send(new CreatePolicyCommand({ PolicyName: "create-queue", PolicyDocument: document }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: "limited", PolicyArn: allowed.Policy!.Arn! }));
    expect((await create()).QueueUrl).to.match(/of-the-role$/);
    expect(await failureOf(create("forged"))).to.match(/SignatureDoesNotMatch/);
  });

  it("passes uploads, downloads and presigned links, and refuses a link that was changed", async () => {
    const s3 = new S3Client(awsConfig(cloud));
    const body = Buffer.alloc(3_000_000, "thing");
    await s3.send(new CreateBucketCommand({ Bucket: "releases" }));
    await s3.send(new PutObjectCommand({ Bucket: "releases", Key: "app/1 + ü.bin", Body: body }));
    const stored = await s3.send(new GetObjectCommand({ Bucket: "releases", Key: "app/1 + ü.bin" }));
    expect(Buffer.from(await stored.Body!.transformToByteArray()).equals(body)).to.equal(true);

    const get = new GetObjectCommand({ Bucket: "releases", Key: "app/1 + ü.bin" });
    const link = await getSignedUrl(s3, get, { expiresIn: 60 });
    expect(new URL(link).origin).to.equal(cloud.endpoint);
    const fetched = await fetch(link);
    expect(fetched.status).to.equal(200);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(body)).to.equal(true);
    expect((await fetch(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))).status).to.equal(403);
  });

  it("gives a function the real AWS SDK at the front door, and nothing of the user's", async () => {
    await createFunction(cloud, "look-around", LOOK_AROUND);
    const invoked = await new LambdaClient(awsConfig(cloud)).send(new InvokeCommand({ FunctionName: "look-around" }));
    const seen = JSON.parse(Buffer.from(invoked.Payload!).toString());
    expect(seen).to.deep.include({
      middleware: "function", // MiniStack's stand-in has no middleware
      endpoint: cloud.endpoint,
      leaked: [],
      chai: "MODULE_NOT_FOUND", // Lambda has the AWS SDK, and no other package
    });
    expect(seen.key, "the credentials of its role").to.match(/^ASIA/);
    expect(seen.home).to.satisfy((home: string) => home.startsWith(sandboxDirectory));
  });

  it("has a broker whose certificate its CA vouches for, on 127.0.0.1 only", async () => {
    const { host, port, caPath } = cloud.mqtt;
    const authorized = await new Promise((resolve, reject) => {
      const socket = connectTls({ host, port, ca: readFileSync(caPath) }, () => {
        resolve(socket.authorized);
        socket.destroy();
      }).once("error", reject);
    });
    expect(authorized).to.equal(true);
    // A listener on every address would leave no room for this one.
    await new Promise<void>((resolve, reject) => {
      const elsewhere = createServer().once("error", reject);
      elsewhere.listen(port, "127.0.0.2", () => elsewhere.close(() => resolve()));
    });
  });

  it("lets a second one run beside it, and stopping that leaves no process and no folder of it", async () => {
    const before = familyOf(process.pid);
    const second = await startLocalCloud();
    let started: RunningProcess[] = [];
    try {
      await startWorker(second);
      started = newIn(familyOf(process.pid), before);
      expect(started.filter(isOfTheCloud), describeFamily(started)).to.have.length(2);
      expect(foldersOf(second).filter(existsSync)).to.have.length(2);
    } finally {
      await Promise.all([second.stop(), second.stop()]);
    }
    await untilGone(started.map((one) => one.pid));
    expect(foldersOf(second).filter(existsSync)).to.deep.equal([]);
    await new STSClient(awsConfig(cloud)).send(new GetCallerIdentityCommand({}));
  });

  it("says so when MiniStack dies, with its last words, and takes its functions along", async () => {
    const before = familyOf(process.pid);
    const doomed = await startLocalCloud();
    try {
      await startWorker(doomed);
      const started = newIn(familyOf(process.pid), before);
      const python = started.find((one) => one.args.includes("run.py"))!;
      process.kill(python.pid, "SIGKILL");
      const { reason } = await within(120, "MiniStack", doomed.exited);
      expect(reason).to.match(/^MiniStack ended with signal SIGKILL.*\n.*Lambda/s);
      await untilGone(started.map((one) => one.pid));
      const refused = await fetch(doomed.endpoint);
      expect(refused.status, "the front door still says what happened").to.equal(503);
    } finally {
      await doomed.stop();
    }
  });

  const endings: { how: string; signal: NodeJS.Signals }[] = [
    { how: "is killed with -9", signal: "SIGKILL" },
    { how: "is told to end", signal: "SIGTERM" },
    { how: "gets Ctrl-C", signal: "SIGINT" },
    { how: "just exits", signal: "SIGUSR2" },
  ];
  for (const { how, signal } of endings) {
    it(`ends with the program that started it when that ${how}`, async () => {
      const program = spawn(process.execPath, ["-r", "./typescript.cjs", "-e", CARELESS], {
        cwd: projectDirectory,
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const folders = foldersOf(JSON.parse(await within(120, "its first line", firstLineOf(program))));
        const started = familyOf(program.pid!);
        expect(started.filter(isOfTheCloud), describeFamily(started)).to.have.length(2);
        expect(folders.filter(existsSync)).to.have.length(2);

        program.kill(signal);
        await untilGone(started.map((one) => one.pid));
        expect(folders.filter(existsSync)).to.deep.equal([]);
      } finally {
        program.kill("SIGKILL");
      }
    });
  }
});

/** A program that starts a local cloud and a function in it, and does nothing to clean up. */
const CARELESS = `
const { startLocalCloud } = require("./sandbox/localCloud");
const { startWorker } = require("./test/e2e/localCloudHelp");
process.on("SIGUSR2", () => process.exit(0));
startLocalCloud().then(async (cloud) => {
  await startWorker(cloud);
  console.log(JSON.stringify(cloud));
});`;

async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "no failure";
  } catch (error) {
    return String(error);
  }
}

/** The folder of the run, and the one its functions are unpacked in. */
function foldersOf(running: Pick<LocalCloud, "mqtt">): string[] {
  const run = path.dirname(running.mqtt.caPath);
  const id = path.basename(run).slice("run-".length);
  const temporary = readdirSync(tmpdir()).filter((name) => name.startsWith(`thingstack-${id}-`));
  return [run, ...temporary.map((name) => path.join(tmpdir(), name))];
}

/** MiniStack itself, or a Node process that runs a function. */
function isOfTheCloud(one: RunningProcess): boolean {
  return one.args.includes("run.py") || one.args.includes("_worker.js");
}

function newIn(family: readonly RunningProcess[], before: readonly RunningProcess[]): RunningProcess[] {
  return family.filter((one) => !before.some((other) => other.pid === one.pid));
}

async function firstLineOf(program: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: program.stdout! })) {
    return line;
  }
  throw new Error("The program ended without a word.");
}
