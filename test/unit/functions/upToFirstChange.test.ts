import { spawnSync } from "node:child_process";
import { expect } from "chai";

/*
 * In processes of their own: it changes `http` and `net` for good.
 */

interface Outcome {
  readonly reached?: { readonly result?: unknown; readonly change?: string };
  readonly error?: string;
  /** What a server was asked for. */
  readonly asked: readonly string[];
}

/**
 * Runs `work` up to its first change, against a server of its own that `url` leads to, and says what the server saw.
 * @param after runs when that is over, and outside of it
 */
function run(work: string, after = ""): Outcome {
  const script = `
    const http = require("node:http");
    const { upToFirstChange } = require("./functions/runtime/upToFirstChange");
    const asked = [];
    const server = http.createServer((request, response) => {
      asked.push(request.method + " " + request.url);
      request.resume();
      response.end("{}");
    });
    server.listen(0, "127.0.0.1", async () => {
      const url = "http://127.0.0.1:" + server.address().port;
      const outcome = {};
      const guard = upToFirstChange();
      const later = [];
      await guard(async () => { ${work} }).then((reached) => (outcome.reached = reached), (error) => (outcome.error = error.message));
      await Promise.allSettled(later);
      ${after}
      process.stdout.write(JSON.stringify({ ...outcome, asked }), () => process.exit());
    });`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-r", "./typescript.cjs", "-e", script], {
    encoding: "utf8",
  });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}

const sdk = (name: string, client: string, command: string, input: object) => `
  const aws = require("@aws-sdk/client-${name}");
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new aws.${client}({ endpoint: url, region: "eu-central-1", credentials, forcePathStyle: true });
  return Object.keys(await client.send(new aws.${command}(${JSON.stringify(input)}))).length > 0;`;
const key = { TableName: "t", Key: { id: { S: "1" } } };

describe("work up to its first change", () => {
  const reads: readonly (readonly [what: string, work: string, asked: string])[] = [
    ["fetch", `return (await fetch(url + "/a")).status === 200;`, "GET /a"],
    [
      "http.get",
      `return new Promise((done) => http.get(url + "/a", (response) => done(response.statusCode === 200)));`,
      "GET /a",
    ],
    [
      "http.request of HEAD",
      `return new Promise((done) => http.request(url + "/a", { method: "HEAD" }, () => done(true)).end());`,
      "HEAD /a",
    ],
    ["DynamoDB's GetItem", sdk("dynamodb", "DynamoDBClient", "GetItemCommand", key), "POST /"],
    ["DynamoDB's Query", sdk("dynamodb", "DynamoDBClient", "QueryCommand", { TableName: "t" }), "POST /"],
    ["S3's HeadObject", sdk("s3", "S3Client", "HeadObjectCommand", { Bucket: "b", Key: "k" }), "HEAD /b/k"],
  ];
  for (const [what, work, asked] of reads) {
    it(`reads by ${what}`, () => expect(run(work)).to.deep.equal({ reached: { result: true }, asked: [asked] }));
  }

  const changes: readonly (readonly [what: string, work: string, change: RegExp])[] = [
    ["fetch", `await fetch(url + "/a", { method: "POST", body: "x" });`, /^POST 127.0.0.1:\d+\/a$/],
    [
      "http.request",
      `await new Promise((done, fail) => http.request(url + "/a", { method: "DELETE" }, done).on("error", fail).end());`,
      /^DELETE 127.0.0.1:\d+\/a$/,
    ],
    [
      "DynamoDB's PutItem",
      sdk("dynamodb", "DynamoDBClient", "PutItemCommand", { TableName: "t", Item: {} }),
      /\.PutItem$/,
    ],
    [
      "DynamoDB's TransactWriteItems",
      sdk("dynamodb", "DynamoDBClient", "TransactWriteItemsCommand", { TransactItems: [] }),
      /\.TransactWriteItems$/,
    ],
    [
      "Step Functions' GetActivityTask, which takes the task",
      sdk("sfn", "SFNClient", "GetActivityTaskCommand", { activityArn: "a" }),
      /GetActivityTask$/,
    ],
    ["SNS's Publish", sdk("sns", "SNSClient", "PublishCommand", { TopicArn: "t", Message: "m" }), /^POST /],
    [
      "SQS's ReceiveMessage",
      sdk("sqs", "SQSClient", "ReceiveMessageCommand", { QueueUrl: "http://q/1" }),
      /ReceiveMessage$/,
    ],
    [
      "S3's PutObject",
      sdk("s3", "S3Client", "PutObjectCommand", { Bucket: "b", Key: "k", Body: "x" }),
      /^PUT .*\/b\/k$/,
    ],
    [
      "Kinesis, over HTTP/2",
      sdk("kinesis", "KinesisClient", "PutRecordCommand", { StreamName: "s", PartitionKey: "p", Data: [1] }),
      /^a connection$/,
    ],
    [
      "a datagram",
      `await new Promise((done, fail) =>
        require("node:dgram").createSocket("udp4").send("a", 9, "127.0.0.1", (error) => (error ? fail(error) : done())));`,
      /^a datagram$/,
    ],
    [
      "a socket",
      `await new Promise((done, fail) => require("net").connect(new URL(url).port).on("connect", done).on("error", fail));`,
      /^a connection$/,
    ],
  ];
  for (const [what, work, change] of changes) {
    it(`ends before it changes something by ${what}`, () => {
      const { reached, asked } = run(work);
      expect(reached?.change).to.match(change);
      expect(asked).to.deep.equal([]);
    });
  }

  it("lets no change through later either, when the work goes on after the first", () => {
    const post = `fetch(url + "/a", { method: "POST" })`;
    const { reached, asked } = run(
      `later.push((async () => { await ${post}.catch(() => {}); await ${post}; })()); await later[0];`,
    );
    expect(reached?.change).to.match(/^POST /);
    expect(asked).to.deep.equal([]);
  });

  it("ends after a read, too, in callbacks as in promises", () => {
    const { reached, asked } = run(`return new Promise((done) =>
      http.get(url + "/a", (response) => response.resume().on("end", () =>
        http.request(url + "/b", { method: "POST" }, done).on("error", done).end())));`);
    expect(reached?.change).to.match(/^POST .*\/b$/);
    expect(asked).to.deep.equal(["GET /a"]);
  });

  it("lets no change through in the callback of one that failed", () => {
    const post = (path: string, then: string) =>
      `http.request(url + "${path}", { method: "POST" }).on("error", () => { ${then} }).end();`;
    const { reached, asked } = run(
      `later.push(new Promise((done) => { ${post("/a", post("/b", "done();"))} })); await later[0];`,
    );
    expect(reached?.change).to.match(/^POST .*\/a$/);
    expect(asked).to.deep.equal([]);
  });

  it("hands on what the work throws", () => {
    expect(run(`throw new Error("broken");`)).to.deep.equal({ error: "broken", asked: [] });
  });

  it("leaves calls outside of it as they are", () => {
    const post = `await fetch(url + "/a", { method: "POST" });`;
    expect(run("return 1;", post)).to.deep.equal({ reached: { result: 1 }, asked: ["POST /a"] });
  });
});
