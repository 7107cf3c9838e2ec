import { expect } from "chai";
import type { AwsRequest, AwsResponse, Fill } from "../../../sandbox/fill";
import { rulesFill } from "../../../sandbox/rules";
import { rulePayload } from "./ruleHelp";

const ACCOUNT = "123456789012";
// Nothing listens there: a rule that is disabled needs no broker.
const NOWHERE = { host: "127.0.0.1", port: 1, caPath: "/nonexistent" };

function request(method: string, target: string, body?: unknown, more: Partial<AwsRequest> = {}): AwsRequest {
  const [path, query] = target.split("?");
  return {
    service: "iot",
    accessKeyId: ACCOUNT,
    region: "eu-central-1",
    method,
    path: path!,
    query: new URLSearchParams(query),
    headers: {},
    body: Buffer.from(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body)),
    ...more,
  };
}

const disabled = (sql = "SELECT * FROM 'a'", more: object = {}) =>
  rulePayload(sql, [], { ruleDisabled: true, ...more });

describe("the rule operations of IoT's control plane", () => {
  let fill: Fill;
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    const target = { endpoint: "http://127.0.0.1:1", region: "eu-central-1", accountId: ACCOUNT };
    fill = rulesFill({ ...target, mqtt: NOWHERE, log: (line) => said.push(line) });
  });
  afterEach(() => fill.close());

  const call = (method: string, target: string, body?: unknown, more?: Partial<AwsRequest>) => {
    const asked = request(method, target, body, more);
    expect(fill.takes(asked), `takes ${method} ${target}`).to.equal(true);
    return fill.answer(asked) as Promise<AwsResponse & { body: Record<string, unknown> }>;
  };

  const takes: [method: string, path: string, taken: boolean, more?: Partial<AwsRequest>][] = [
    ["GET", "/rules", true],
    ["POST", "/rules/x", true],
    ["POST", "/rules/x/enable", true],
    ["POST", "/rules/x/disable", true],
    ["GET", "/tags", true],
    ["POST", "/untag", true],
    ["PUT", "/rules/x", false],
    ["GET", "/rules/x/enable", false],
    ["POST", "/rules", false],
    ["GET", "/rulesets", false],
    ["GET", "/things/rules", false],
    ["GET", "/rules", false, { service: "events" }],
    ["GET", "/tags", false, { headers: { "x-thingstack-passed-on": "1" } }],
  ];
  for (const [method, path, taken, more] of takes) {
    it(`${taken ? "takes" : "leaves"} ${method} ${path} ${more ? JSON.stringify(more) : ""}`, () => {
      expect(fill.takes(request(method, path, undefined, more))).to.equal(taken);
    });
  }

  it("creates, gets, lists, replaces and deletes", async () => {
    const payload = disabled("SELECT a FROM 'x/+'", { description: "why" });
    expect(await call("POST", "/rules/mine", payload)).to.deep.include({ status: 200 });
    const got = await call("GET", "/rules/mine");
    expect(got.body.ruleArn).to.equal(`arn:aws:iot:eu-central-1:${ACCOUNT}:rule/mine`);
    expect(got.body.rule).to.deep.include({ ...payload, ruleName: "mine" });
    const listed = (await call("GET", "/rules")).body.rules as Record<string, unknown>[];
    expect(listed).to.have.lengthOf(1);
    expect(listed[0]).to.include({ ruleName: "mine", topicPattern: "x/+", ruleDisabled: true });
    expect(listed[0]!.createdAt).to.be.closeTo(Date.now() / 1000, 60);
    await call("PATCH", "/rules/mine", disabled("SELECT b FROM 'y'"));
    expect((await call("GET", "/rules/mine")).body.rule).to.include({ sql: "SELECT b FROM 'y'" });
    await call("DELETE", "/rules/mine");
    expect((await call("GET", "/rules")).body.rules).to.deep.equal([]);
  });

  it("lists by pages, and only enabled or disabled ones", async () => {
    for (const name of ["c", "a", "b"]) await call("POST", `/rules/${name}`, disabled());
    const names = (answer: { body: Record<string, unknown> }) =>
      (answer.body.rules as { ruleName: string }[]).map(({ ruleName }) => ruleName);
    const first = await call("GET", "/rules?maxResults=2");
    expect([names(first), first.body.nextToken]).to.deep.equal([["a", "b"], "b"]);
    const second = await call("GET", `/rules?maxResults=2&nextToken=${first.body.nextToken}`);
    expect([names(second), second.body.nextToken]).to.deep.equal([["c"], undefined]);
    expect(names(await call("GET", "/rules?ruleDisabled=false"))).to.deep.equal([]);
    expect(names(await call("GET", "/rules?ruleDisabled=true"))).to.deep.equal(["a", "b", "c"]);
  });

  const errors: [
    what: string,
    method: string,
    target: string,
    body: unknown,
    status: number,
    code: string,
    message: RegExp,
  ][] = [
    [
      "a rule that is there",
      "POST",
      "/rules/there",
      disabled(),
      409,
      "ResourceAlreadyExistsException",
      /'there' already/,
    ],
    ["bad SQL", "POST", "/rules/x", disabled("SELECT"), 400, "SqlParseException", /\(line 1, column 7\)$/],
    [
      "an unknown action",
      "POST",
      "/rules/x",
      { ...disabled(), actions: [{ timestream: {} }] },
      400,
      "InvalidRequestException",
      /the action timestream is not implemented/,
    ],
    ["a bad name", "POST", "/rules/a-b", disabled(), 400, "InvalidRequestException", /'a-b' at 'ruleName'/],
    ["a long name", "GET", `/rules/${"x".repeat(129)}`, undefined, 400, "InvalidRequestException", /at most 128/],
    ["no JSON", "POST", "/rules/x", "{", 400, "InvalidRequestException", /no JSON object/],
    [
      "getting no rule",
      "GET",
      "/rules/x",
      undefined,
      401,
      "UnauthorizedException",
      /^Access to topic rule 'x' was denied$/,
    ],
    ["replacing no rule", "PATCH", "/rules/x", disabled(), 401, "UnauthorizedException", /'x' was denied/],
    ["deleting no rule", "DELETE", "/rules/x", undefined, 401, "UnauthorizedException", /'x' was denied/],
    ["enabling no rule", "POST", "/rules/x/enable", undefined, 401, "UnauthorizedException", /'x' was denied/],
    ["replacing with bad SQL", "PATCH", "/rules/there", disabled("SELECT"), 400, "SqlParseException", /Expected/],
    ["listing by topic", "GET", "/rules?topic=a", undefined, 400, "InvalidRequestException", /not implemented/],
    [
      "tagging no rule",
      "POST",
      "/tags",
      { resourceArn: `arn:aws:iot:eu-central-1:${ACCOUNT}:rule/x`, tags: [] },
      404,
      "ResourceNotFoundException",
      /x not found/,
    ],
    [
      "tags that are none",
      "POST",
      "/tags",
      { resourceArn: `arn:aws:iot:eu-central-1:${ACCOUNT}:rule/there`, tags: [{ Key: 1 }] },
      400,
      "InvalidRequestException",
      /list of Key and Value/,
    ],
  ];
  for (const [what, method, target, body, status, code, message] of errors) {
    it(`answers ${what} with ${code}`, async () => {
      await call("POST", "/rules/there", disabled());
      const answer = await call(method, target, body);
      expect(answer).to.deep.include({ status, headers: { "x-amzn-errortype": code } });
      expect(answer.body.message).to.match(message);
      expect((await call("GET", "/rules/there")).body.rule, "unchanged").to.include({ sql: "SELECT * FROM 'a'" });
    });
  }

  it("keeps tags from the header and from TagResource, and forgets them with the rule", async () => {
    const resourceArn = `arn:aws:iot:eu-central-1:${ACCOUNT}:rule/mine`;
    const tags = async () => (await call("GET", `/tags?resourceArn=${resourceArn}`)).body.tags;
    await call("POST", "/rules/mine", disabled(), { headers: { "x-amz-tagging": "team=a%26b&stack=dev" } });
    await call("POST", "/tags", { resourceArn, tags: [{ Key: "stack", Value: "prod" }] });
    expect(await tags()).to.deep.equal([
      { Key: "team", Value: "a&b" },
      { Key: "stack", Value: "prod" },
    ]);
    await call("POST", "/untag", { resourceArn, tagKeys: ["team"] });
    expect(await tags()).to.deep.equal([{ Key: "stack", Value: "prod" }]);
    await call("DELETE", "/rules/mine");
    await call("POST", "/rules/mine", disabled());
    expect(await tags()).to.deep.equal([]);
  });

  it("keeps accounts and regions apart", async () => {
    await call("POST", "/rules/mine", disabled());
    for (const more of [{ accessKeyId: "999999999999" }, { region: "us-east-1" }]) {
      expect((await call("GET", "/rules", undefined, more)).body.rules).to.deep.equal([]);
    }
    for (const accessKeyId of ["", "test"]) {
      const listed = await call("GET", "/rules", undefined, { accessKeyId });
      expect(listed.body.rules, "the default account's root").to.have.lengthOf(1);
    }
  });

  it("says the warnings of a rule when it is created", async () => {
    await call("POST", "/rules/mine", disabled("SELECT clientid() FROM 'a'"));
    expect(said).to.have.lengthOf(1);
    expect(said[0]).to.match(/^Rule mine: clientid\(\) is "n\/a" here/);
  });
});
