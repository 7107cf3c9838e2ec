import { LambdaClient, UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { zip } from "../../sandbox/deploy/assets";
import { type Context, makeContext } from "../../sandbox/deploy/context";
import type { Properties } from "../../sandbox/deploy/handler";
import { type Deployment, deploy } from "../../sandbox/deploy/inProcess";
import {
  checkInputs,
  createResource,
  deleteResource,
  type Resource,
  readResource,
  updateResource,
} from "../../sandbox/deploy/lifecycle";
import { recordedTypes } from "../../sandbox/deploy/recorded";
import { findHandler, playedTypes } from "../../sandbox/deploy/registry";
import { stillHolds } from "../../sandbox/deploy/stillHolds";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { drifts } from "../unit/deploy/drifts";
import { inventory } from "../unit/deploy/inventory";
import { oneOfEach } from "../unit/deploy/oneOfEach";
import { updates } from "../unit/deploy/updates";

/** What refresh cannot see, because AWS does not tell (`code`), or MiniStack does not; type -> inputs. */
const unseen: Readonly<Record<string, readonly string[]>> = {
  "aws:apigateway/restApi:RestApi": ["body", "putRestApiMode"],
  "aws:athena/workgroup:Workgroup": ["forceDestroy"],
  "aws:iot/certificate:Certificate": ["csr"],
  "aws:kms/key:Key": ["deletionWindowInDays"],
  // MiniStack takes them, and then says there are none.
  "aws:kinesis/stream:Stream": ["shardLevelMetrics"],
  "aws:lambda/function:Function": ["code"],
  "aws:s3/bucket:Bucket": ["forceDestroy"],
  "aws:s3/bucketObjectv2:BucketObjectv2": ["content"],
  // MiniStack takes it, and does not describe it.
  "aws:sfn/stateMachine:StateMachine": ["tracingConfiguration"],
};

/** Settings of the account: there is always one of each. */
const singletons = [
  "aws:apigateway/account:Account",
  "aws:iot/eventConfigurations:EventConfigurations",
  "aws:iot/indexingConfiguration:IndexingConfiguration",
];

describe("deploying a program with one resource of each type", () => {
  const defaultTags = { project: "thingstack", environment: "test" };
  let cloud: LocalCloud;
  let ctx: Context;
  let empty: Awaited<ReturnType<typeof inventory>>;
  let deployment: Deployment;
  const events: string[] = [];

  before(async () => {
    cloud = await startLocalCloud({ region: "eu-central-1" });
    ctx = makeContext(cloud, { defaultTags });
    // The first rule also makes the certificate that our rules engine connects to the broker with.
    const rule = { enabled: true, sql: "SELECT * FROM 'none'", sqlVersion: "2016-03-23" };
    const first = { urn: "", type: "aws:iot/topicRule:TopicRule", name: "first", inputs: rule };
    await deleteResource(await createResource(first, ctx), ctx);
    empty = await inventory(ctx);
    deployment = await deploy({
      program: oneOfEach,
      project: "fixture",
      stack: "test",
      config: { "aws:region": "eu-central-1", "aws:defaultTags": JSON.stringify({ tags: defaultTags }) },
      cloud,
      onEvent: ({ name }) => events.push(name),
    });
  });
  after(() => cloud?.stop());

  /** The resource as it is known last; tests that change one put it back here. */
  const current = new Map<string, Resource>();
  function resource(name: string): Resource {
    const found = current.get(name) ?? [...deployment.state.values()].find((one) => one.name === name);
    if (!found) throw new Error(`the program has no resource ${name}`);
    return found;
  }
  const all = () => [...deployment.state.values()].map(({ name }) => resource(name));
  const played = () => all().filter((one) => one.played);

  it("makes one of every type that the local cloud plays, and says so as it goes", () => {
    const made = new Set(played().map(({ type }) => type));
    // The V2 names are the same handlers.
    expect(playedTypes().filter((type) => !made.has(type) && !/V2:/.test(type))).to.deep.equal([]);
    expect(events).to.have.members(all().map(({ name }) => name));
  });

  it("records what it cannot play, and does not claim to have played it", () => {
    const recorded = deployment.resources.filter((one) => !one.played).map(({ type }) => type);
    expect(recorded).to.deep.equal(
      ["aws:iot/loggingOptions:LoggingOptions", "aws:cloudwatch/dashboard:Dashboard"].sort(
        (a, b) => recorded.indexOf(a) - recorded.indexOf(b),
      ),
    );
    for (const type of recorded) expect(recordedTypes).to.have.property(type);
  });

  it("gives the program AWS's outputs, and marks the secret ones", () => {
    const { outputs } = deployment;
    expect(outputs.functionArn!.value).to.match(
      /^arn:aws:lambda:eu-central-1:000000000000:function:function-[0-9a-f]{7}$/,
    );
    expect(outputs.tableStreamArn!.value).to.match(/^arn:aws:dynamodb:.*\/stream\//);
    expect(outputs.privateKey!.value).to.match(/^-----BEGIN (RSA )?PRIVATE KEY-----/);
    expect(outputs.csrCertificate!.value).to.match(/^-----BEGIN CERTIFICATE-----/);
    expect(outputs.nested!.value).to.deep.equal({
      topic: resource("topic").id,
      list: [resource("stream").outputs.name],
    });
    const secret = Object.keys(outputs).filter((name) => outputs[name]!.secret);
    expect(secret).to.have.members(["privateKey", "certificatePem", "csrCertificate", "token"]);
    expect(outputs).not.to.have.property("nothing");
  });

  it("applies every input: what AWS says afterwards holds what the program said", async () => {
    for (const { type, name, id, inputs, outputs } of played()) {
      const found = (await findHandler(type)!.read(id, { ...outputs }, ctx)) ?? {};
      for (const [property, said] of Object.entries(inputs)) {
        if (property === "tags" || unseen[type]?.includes(property)) continue;
        // What a read only knows from the state (the function of a permission) it need not return.
        const { update, replaceOn } = findHandler(type)!;
        if (!(property in found) && (!update || replaceOn?.includes(property))) continue;
        expect(
          stillHolds(said, found[property], property),
          `${type} ${name}: ${property}: ${JSON.stringify(said)} became ${JSON.stringify(found[property])}`,
        ).to.equal(true);
      }
    }
  });

  it("puts the provider's default tags on everything that takes tags, beside the resource's own", () => {
    for (const { type, name, inputs, outputs } of played()) {
      if (!findHandler(type)!.tagged) continue;
      expect(outputs.tagsAll, `${type} ${name}`).to.deep.equal({ ...defaultTags, ...(inputs.tags as object) });
      expect(outputs.tags, `${type} ${name}`).to.deep.equal(inputs.tags);
    }
  });

  for (const [name, change, expected] of updates) {
    it(`updates ${name} in place: ${Object.keys(change).join(", ")}`, async () => {
      const old = resource(name);
      const news = checkInputs(old.type, name, { ...old.inputs, ...change }, old.inputs);
      const updated = await updateResource(old, news, ctx);
      current.set(name, updated);
      expect(updated.id).to.equal(old.id);
      const seen = await readResource(updated, ctx);
      expect(seen?.outputs).to.containSubset(expected ?? change);
      // An update that says the same again is quiet, and so is one that takes the change back.
      current.set(name, await updateResource(updated, old.inputs, ctx));
      const back = await readResource(resource(name), ctx);
      for (const property of Object.keys(change)) {
        if (property in old.inputs) expect(back?.outputs[property], property).to.deep.equal(old.inputs[property]);
        else expect(back?.outputs[property] ?? null, property).to.deep.equal(old.outputs[property] ?? null);
      }
    });
  }

  for (const { resource: name, what, by, seen } of drifts) {
    it(`sees drift: ${what}`, async () => {
      const known = resource(name);
      await by(known, ctx);
      const found = await readResource(known, ctx);
      if (seen === undefined) expect(found).to.equal(undefined);
      else expect(found?.outputs).to.containSubset(seen);
      // Put right, as the next `up` would.
      current.set(name, found ? await updateResource(found, known.inputs, ctx) : await createResource(known, ctx));
      if (seen !== undefined) expect((await readResource(resource(name), ctx))?.outputs).not.to.containSubset(seen);
    });
  }

  const contents: [name: string, input: string, by: (id: string) => Promise<unknown>][] = [
    [
      "function",
      "code",
      (id) => {
        const ZipFile = zip({ "index.js": Buffer.from("exports.handler = async () => 'mine now';") });
        return ctx.client(LambdaClient).send(new UpdateFunctionCodeCommand({ FunctionName: id, ZipFile }));
      },
    ],
    [
      "object",
      "content",
      (id) => {
        const [Bucket, Key] = [id.slice(0, id.indexOf("/")), id.slice(id.indexOf("/") + 1)];
        return ctx.client(S3Client).send(new PutObjectCommand({ Bucket, Key, Body: "mine now" }));
      },
    ],
  ];
  for (const [name, input, by] of contents) {
    it(`sees that the ${input} of ${name} is another, though AWS does not give it back`, async () => {
      const known = resource(name);
      expect((await readResource(known, ctx))?.inputs).to.have.property(input);
      await by(known.id);
      const found = await readResource(known, ctx);
      expect(found?.inputs).not.to.have.property(input);
      const repaired = await updateResource(found!, known.inputs, ctx);
      const { hash } = findHandler(known.type)!.content!;
      expect(repaired.outputs[hash]).to.equal(known.outputs[hash]);
      current.set(name, repaired);
    });
  }

  it("names the resource, its property and AWS's message when something cannot be made", async () => {
    const tooLong = {
      urn: "urn",
      type: "aws:sqs/queue:Queue",
      name: "late",
      inputs: { name: "late", delaySeconds: 901 },
    };
    const error = await createResource(tooLong, ctx).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(
      /^could not create aws:sqs\/queue:Queue "late", property `delaySeconds`: .*\(400\)/,
    );
  });

  const partly: [what: string, type: string, inputs: Properties, message: RegExp][] = [
    [
      "a setting that AWS refuses",
      "aws:cloudwatch/logGroup:LogGroup",
      { retentionInDays: 2 },
      /property `retentionInDays`: InvalidParameterException \(400\)/,
    ],
    [
      "an input that the handler does not know",
      "aws:sqs/queue:Queue",
      { colour: { of: "blue" } },
      /does not apply `colour\.of`/,
    ],
  ];
  for (const [what, type, inputs, message] of partly) {
    it(`takes a resource away again that could be made only in part: ${what}`, async () => {
      const request = { urn: "", type, name: "partly", inputs: { name: "partly-made", ...inputs } };
      const error = await createResource(request, ctx).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message).to.match(message);
      const id = type.includes("sqs") ? `${cloud.endpoint}/${cloud.accountId}/partly-made` : "partly-made";
      expect(await findHandler(type)!.read(id, {}, ctx)).to.equal(undefined);
    });
  }

  it("deletes everything again, though some is gone already, and leaves nothing behind", async () => {
    await deleteResource(resource("uploads"), ctx);
    await deployment.destroy();
    for (const one of played()) {
      if (singletons.includes(one.type)) continue;
      expect(await readResource(one, ctx), `${one.type} ${one.name}`).to.equal(undefined);
      await deleteResource(one, ctx);
    }
    expect(await inventory(ctx)).to.deep.equal(empty);
  });
});
