import { IoTClient } from "@aws-sdk/client-iot";
import { SNSClient } from "@aws-sdk/client-sns";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { type ReleaseStep, releaseSteps } from "../../../functions/firmware/releaseSteps";
import { groupNameOf, groupQueryOf, type Release } from "../../../functions/firmware/releases";

interface Command {
  readonly constructor: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: of many kinds
  readonly input: any;
}

const named = (name: string) => Object.assign(new Error(name), { name });
const groupArn = (name: string) => `arn:aws:iot:eu-central-1:123456789012:thinggroup/${name}`;

/** Groups, jobs and the table of releases, in place of the clients' calls. */
class Cloud {
  readonly groups = new Map<string, string>();
  readonly jobs = new Map<string, { status: string; targets: string[]; jobProcessDetails: Record<string, number> }>();
  readonly releases = new Map<string, Release>();
  members = ["ten"];
  /** What others do, or what goes wrong, before a command of this name is done; once each. */
  readonly before: Record<string, () => unknown> = {};

  async send({ constructor: { name }, input }: Command): Promise<unknown> {
    const meanwhile = this.before[name];
    delete this.before[name];
    await meanwhile?.();
    const done = this.commands[name];
    if (!done) throw new Error(`nobody told of ${name}`);
    return done(input);
  }

  private readonly commands: Record<string, (input: Command["input"]) => unknown> = {
    GetCommand: ({ Key }) => ({ Item: this.releases.get(Key.jobId) }),
    QueryCommand: () => ({ Items: [...this.releases.values()] }),
    UpdateCommand: (input) => {
      const release = this.releases.get(input.Key.jobId);
      const { ":checking": a, ":waiting": b, ":inProgress": c } = input.ExpressionAttributeValues;
      if (!release || ![a, b, c].includes(release.status)) throw named("ConditionalCheckFailedException");
      const entries = input.UpdateExpression.slice("SET ".length)
        .split(", ")
        .map((part: string) => part.split(" = "))
        .map(([at, value]: string[]) => [
          input.ExpressionAttributeNames[at as string],
          input.ExpressionAttributeValues[value as string],
        ]);
      this.releases.set(input.Key.jobId, { ...release, ...Object.fromEntries(entries) });
    },
    PublishCommand: () => ({}),
    DescribeThingGroupCommand: ({ thingGroupName }) => {
      const queryString = this.groups.get(thingGroupName);
      if (queryString === undefined) throw named("ResourceNotFoundException");
      return { thingGroupArn: groupArn(thingGroupName), queryString, status: "ACTIVE" };
    },
    DeleteDynamicThingGroupCommand: ({ thingGroupName }) => this.groups.delete(thingGroupName),
    ListThingsInThingGroupCommand: () => ({ things: this.members }),
    CreateJobCommand: ({ jobId, targets }) => {
      if (this.jobs.has(jobId)) throw named("ResourceAlreadyExistsException");
      this.jobs.set(jobId, { status: "IN_PROGRESS", targets, jobProcessDetails: { numberOfQueuedThings: 1 } });
    },
    DescribeJobCommand: ({ jobId }) => {
      const job = this.jobs.get(jobId);
      if (!job) throw named("ResourceNotFoundException");
      return { job };
    },
    CancelJobCommand: ({ jobId }) => {
      const job = this.jobs.get(jobId);
      if (job) job.status = "CANCELED";
      return {};
    },
  };

  /** A release that is on its way, with its group. */
  add(changes: Pick<Release, "jobId" | "turn" | "status"> & Partial<Release>): Release {
    const release: Release = {
      app: "cooler",
      version: "2.0",
      build: 2_000_000,
      startedAt: "2026-01-01T00:00:00.000Z",
      file: "releases/cooler/2.0.json",
      source: changes.jobId,
      artifact: "artifacts/cooler/2.0/c.bin",
      sha256: "ab".repeat(32),
      size: 5,
      ...changes,
    };
    this.releases.set(release.jobId, release);
    this.groups.set(groupNameOf("firmware", release), groupQueryOf(release));
    return release;
  }

  /** The job of a release, at which things are, or not any more. */
  run(release: Release, status: string): void {
    const targets = [groupArn(groupNameOf("firmware", release))];
    this.jobs.set(release.jobId, { status, targets, jobProcessDetails: { numberOfSucceededThings: 1 } });
  }
}

describe("a step of a release", () => {
  const clients = [IoTClient, DynamoDBDocumentClient, SNSClient].map(({ prototype }) => prototype as { send: unknown });
  const originals = clients.map(({ send }) => send);
  const environment = { COMPONENT: "firmware", AWS_REGION: "eu-central-1" };
  const before = { ...process.env };
  let cloud: Cloud;
  const take = (step: ReleaseStep["step"], jobId: string) => releaseSteps()({ step, app: "cooler", jobId });
  const first = "cooler-2_0-1";
  const again = "cooler-2_0-2";
  const group = "firmware-cooler-below-2000000";

  beforeEach(() => {
    Object.assign(process.env, environment);
    cloud = new Cloud();
    for (const client of clients) client.send = (command: Command) => cloud.send(command);
  });
  afterEach(() => {
    for (const [at, client] of clients.entries()) client.send = originals[at];
    for (const name of Object.keys(environment)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it("counts what a job did that an earlier try made without noting it, and that nobody is left for", async () => {
    const release = cloud.add({ jobId: first, turn: 1, status: "WAITING_FOR_GROUP" });
    cloud.before.UpdateCommand = () => {
      throw named("InternalServerError");
    };
    expect(String(await take("job", first).catch((error: Error) => error))).to.match(/InternalServerError/);
    cloud.members = [];
    cloud.run(release, "COMPLETED");
    expect(await take("job", first)).to.deep.equal({ ended: false });
    expect(await take("follow", first)).to.deep.equal({ ended: true });
    const { status, reason, counts } = cloud.releases.get(first) as Release;
    expect({ status, reason, succeeded: counts?.succeeded }).to.deep.equal({
      ...{ status: "COMPLETED", reason: undefined, succeeded: 1 },
    });
  });

  it("makes no job for nobody", async () => {
    cloud.add({ jobId: first, turn: 1, status: "WAITING_FOR_GROUP" });
    cloud.members = [];
    expect(await take("job", first)).to.deep.equal({ ended: true });
    expect(cloud.releases.get(first)).to.include({ status: "COMPLETED", targets: 0 });
    expect([...cloud.jobs.keys(), ...cloud.groups.keys()]).to.deep.equal([]);
  });

  it("leaves the group to the same version that follows a continuous release, and takes it away after that", async () => {
    const continuous = cloud.add({ jobId: first, turn: 1, status: "IN_PROGRESS", continuous: true });
    cloud.run(continuous, "IN_PROGRESS");
    cloud.add({ jobId: again, turn: 2, status: "WAITING_FOR_GROUP" });
    // The end of the continuous one is told as soon as the next step has canceled it.
    cloud.before.DescribeThingGroupCommand = () => releaseSteps()({ job_id: first });
    expect(await take("job", again)).to.deep.equal({ ended: false });
    expect(cloud.releases.get(first)).to.include({ status: "CANCELED" });
    expect([...cloud.groups.keys()]).to.deep.equal([group]);

    cloud.run(cloud.releases.get(again) as Release, "COMPLETED");
    expect(await take("follow", again)).to.deep.equal({ ended: true });
    expect([...cloud.groups.keys()]).to.deep.equal([]);
  });

  it("leaves the group to the next release of the version when it sees the end later than another", async () => {
    cloud.run(cloud.add({ jobId: first, turn: 1, status: "IN_PROGRESS" }), "COMPLETED");
    cloud.before.DescribeJobCommand = async () => {
      await releaseSteps()({ job_id: first });
      expect([...cloud.groups.keys()]).to.deep.equal([]);
      cloud.add({ jobId: again, turn: 2, status: "WAITING_FOR_GROUP" });
    };
    expect(await take("follow", first)).to.deep.equal({ ended: true });
    expect([...cloud.groups.keys()]).to.deep.equal([group]);
  });

  it("hears of a job's end although a step of before, called twice, noted itself after the job was there", async () => {
    const release = cloud.add({ jobId: first, turn: 1, status: "WAITING_FOR_GROUP" });
    cloud.before.DescribeThingGroupCommand = async () => {
      await take("group", first);
      await take("job", first);
    };
    await take("group", first);
    await take("follow", first);
    expect(cloud.releases.get(first)).to.include({ status: "IN_PROGRESS" });
    cloud.run(release, "COMPLETED");
    expect(await releaseSteps()({ job_id: first })).to.deep.equal({ ended: true });
    expect(cloud.releases.get(first)).to.include({ status: "COMPLETED" });
  });
});
