import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { asset, runtime } from "@pulumi/pulumi";
import { expect } from "chai";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../../../sandbox/deploy/handler";
import { diffInputs } from "../../../sandbox/provider/diff";
import { LocalAwsProvider } from "../../../sandbox/provider/provider";
import { findLocalCloud } from "../../../sandbox/provider/target";
import { closeAssets, decode, encode, openAssets, type Path } from "../../../sandbox/provider/wire";

const { specialSigKey, specialSecretSig, specialAssetSig, specialArchiveSig, unknownValue } = runtime;
const secret = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });
const text = (content: string) => ({ [specialSigKey]: specialAssetSig, hash: `hash of ${content}`, text: content });
const archive = (assets: Properties, hash: string) => ({ [specialSigKey]: specialArchiveSig, hash, assets });
const struct = (value: unknown) => Struct.fromJavaScript(value as Record<string, JavaScriptValue>);

describe("properties on the wire", () => {
  it("come off it plain, with the places that were secret", () => {
    const { values, secrets } = decode(
      struct({ a: secret("x"), deep: { list: [1, secret({ b: secret("y") })] }, unknown: unknownValue, none: null }),
    );
    expect(values).to.deep.equal({ a: "x", deep: { list: [1, { b: "y" }] }, unknown: unknownValue, none: null });
    expect(secrets).to.deep.include.members([["a"], ["deep", "list", 1], ["deep", "list", 1, "b"]]);
    expect(decode(undefined)).to.deep.equal({ values: {}, secrets: [] });
  });

  const wrapped: [what: string, values: Properties, secrets: Path[], expected: Properties][] = [
    ["a value", { a: "x", b: 1 }, [["a"]], { a: secret("x"), b: 1 }],
    ["a value deep inside", { a: { b: ["x", "y"] } }, [["a", "b", 1]], { a: { b: ["x", secret("y")] } }],
    ["what is around it, when AWS gives back text for an object", { a: "{}" }, [["a", "b"]], { a: secret("{}") }],
    ["what is around it, when a list got shorter", { a: ["x"] }, [["a", 3]], { a: secret(["x"]) }],
    ["once, though two say so", { a: "x" }, [["a"], ["a", "b"]], { a: secret("x") }],
    ["nothing that is not there", { b: 1 }, [["a"]], { b: 1 }],
  ];
  for (const [what, values, secrets, expected] of wrapped) {
    it(`go on it with secrets marked: ${what}`, () => {
      expect(encode(values, secrets).toJavaScript()).to.deep.equal(expected);
    });
  }

  it("leave out what is undefined", () => {
    expect(encode({ a: undefined, b: { c: undefined, d: [undefined] } }).toJavaScript()).to.deep.equal({
      b: { d: [null] },
    });
  });

  it("have assets that can be read, and that go back as they came", async () => {
    const inputs = {
      code: archive({ "index.js": text("hello"), "file.js": { [specialSigKey]: specialAssetSig, path: "/f" } }, "h"),
    };
    const { code } = openAssets(inputs) as { code: asset.AssetArchive };
    const { "index.js": index, "file.js": file } = (await code.assets) as Record<
      string,
      asset.StringAsset & asset.FileAsset
    >;
    expect(await index!.text).to.equal("hello");
    expect(await file!.path).to.equal("/f");
    expect(closeAssets({ code, arn: "a" }, inputs)).to.deep.equal({ ...inputs, arn: "a" });
    const remote = openAssets({ a: { [specialSigKey]: specialArchiveSig, uri: "https://x" } });
    expect(remote.a).to.be.instanceOf(asset.RemoteArchive);
  });
});

describe("the difference of inputs", () => {
  const cases: [what: string, olds: Properties, news: Properties, changes: string[]][] = [
    ["none", { a: 1, b: [{ c: "x" }] }, { b: [{ c: "x" }], a: 1 }, []],
    ["nothing and null", { a: null }, {}, []],
    ["a value", { a: 1 }, { a: 2 }, ["update a"]],
    ["one more, one less", { a: 1 }, { b: 1 }, ["delete a", "add b"]],
    [
      "deep inside",
      { a: { b: [1, { c: 2 }] } },
      { a: { b: [1, { c: 3, d: 4 }] } },
      ["update a.b[1].c", "add a.b[1].d"],
    ],
    ["a shorter list", { a: ["x", "y"] }, { a: ["x"] }, ["delete a[1]"]],
    ["keys that are no words", { tags: { "a.b": 1 } }, { tags: { "a.b": 2 } }, ['update tags["a.b"]']],
    ["JSON that is only written otherwise", { policy: '{"a":1}' }, { policy: '{ "a": 1 }' }, []],
    ["JSON that says something else", { policy: '{"a":1}' }, { policy: '{"a":2}' }, ["update policy"]],
    ["another kind", { a: [1] }, { a: { b: 1 } }, ["update a"]],
    [
      "what is not known yet",
      { a: "x", b: { c: 1 } },
      { a: unknownValue, b: { c: unknownValue } },
      ["update a", "update b.c"],
    ],
    ["code with the same hash", { code: archive({}, "h") }, { code: archive({ x: text("x") }, "h") }, []],
    ["code with another hash", { code: archive({}, "h") }, { code: archive({}, "i") }, ["update code"]],
    ["Pulumi's own bookkeeping", { __defaults: ["name"] }, { __defaults: [] }, []],
  ];
  for (const [what, olds, news, changes] of cases) {
    it(what, () => {
      expect(diffInputs(olds, news).map(({ kind, path: at }) => `${kind} ${at}`)).to.deep.equal(changes);
    });
  }
});

describe("the provider", () => {
  const identify = (type: string) => ({ urn: "", type, name: "a" });
  const queue = identify("aws:sqs/queue:Queue");
  const environment = { ...process.env };
  let provider: LocalAwsProvider;
  beforeEach(() => {
    Object.assign(process.env, { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_ACCESS_KEY_ID: "100000000001" });
    provider = new LocalAwsProvider();
    provider.configure({ region: "eu-central-1", defaultTags: '{"tags":{"project":"p"}}' });
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  it("names what has no name, keeps that name, and makes a new one for the replacement", () => {
    const first = provider.check(queue, { delaySeconds: 1 }, {});
    expect(first.name).to.match(/^a-[0-9a-f]{7}$/);
    expect(first.__defaults).to.deep.equal(["name"]);
    expect(provider.check(queue, { delaySeconds: 2 }, first).name).to.equal(first.name);
    expect(provider.check(queue, { delaySeconds: 2 }, {}).name).not.to.equal(first.name);
  });

  it("leaves a name of the program's own, and generates one when the program takes it back", () => {
    const named = provider.check(queue, { name: "mine" }, {});
    expect(named).to.deep.include({ name: "mine", __defaults: [] });
    expect(provider.check(queue, {}, named).name).to.match(/^a-[0-9a-f]{7}$/);
  });

  it("adds the default tags, so that a change of theirs is a change of the resource", () => {
    const before = provider.check(queue, { name: "q", tags: { own: "1" } }, {});
    expect(before.tagsAll).to.deep.equal({ project: "p", own: "1" });
    provider.configure({ defaultTags: { tags: { project: "other" } } });
    const after = provider.check(queue, { name: "q", tags: { own: "1" } }, before);
    expect(provider.diff(queue, before, after).changes).to.deep.equal([
      { kind: "update", path: "tagsAll.project", property: "tagsAll" },
    ]);
    expect(provider.check(queue, { tags: unknownValue }, {}).tagsAll).to.equal(unknownValue);
  });

  const auto = { __defaults: ["name"] };
  const own = { __defaults: [] };
  const differences: [
    what: string,
    type: string,
    olds: Properties,
    news: Properties,
    replaces: string[],
    first: boolean,
  ][] = [
    ["in place", "aws:sqs/queue:Queue", { delaySeconds: 1 }, { delaySeconds: 2, ...auto }, [], false],
    ["a name", "aws:sqs/queue:Queue", { name: "a" }, { name: "b", ...own }, ["name"], false],
    [
      "a key of a table that Pulumi named",
      "aws:dynamodb/table:Table",
      { name: "a", hashKey: "x" },
      { name: "a", hashKey: "y", ...auto },
      ["hashKey"],
      false,
    ],
    [
      "a key of a table with a name of its own",
      "aws:dynamodb/table:Table",
      { name: "a", hashKey: "x" },
      { name: "a", hashKey: "y", ...own },
      ["hashKey"],
      true,
    ],
    [
      "a type that cannot be updated",
      "aws:lambda/permission:Permission",
      { action: "a" },
      { action: "b", ...{ __defaults: ["statementId"] } },
      ["action"],
      false,
    ],
    [
      "an attachment",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      { policyArn: "a" },
      { policyArn: "b" },
      ["policyArn"],
      true,
    ],
    ["the region", "aws:sqs/queue:Queue", { region: "a" }, { region: "b", ...auto }, ["region"], false],
    [
      "what is only recorded",
      "aws:cloudwatch/dashboard:Dashboard",
      { dashboardBody: "a" },
      { dashboardBody: "b" },
      [],
      false,
    ],
  ];
  for (const [what, type, olds, news, replaces, first] of differences) {
    it(`replaces, or does not: ${what}`, () => {
      const difference = provider.diff(identify(type), olds, news);
      expect(difference.changes).to.have.lengthOf(1);
      expect(difference.replaces).to.deep.equal(replaces);
      expect(difference.deleteBeforeReplace).to.equal(first);
    });
  }

  it("previews what it knows: inputs, and outputs that the update does not change", () => {
    const fn = identify("aws:lambda/function:Function");
    const outputs = { arn: "arn", version: "3", codeSha256: "x", timeout: 3 };
    expect(provider.previewUpdate(fn, outputs, { timeout: 5, __defaults: [] })).to.deep.equal({
      arn: "arn",
      timeout: 5,
    });
    expect(provider.previewCreate({ timeout: 5, __defaults: ["name"] })).to.deep.equal({ timeout: 5 });
  });

  it("refuses the account that the stack does not allow", () => {
    expect(() => provider.configure({ allowedAccountIds: '["100000000002"]' })).to.throw(
      /is account 100000000001, .*allows 100000000002 only/,
    );
  });
});

describe("where the provider finds the local cloud", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "thingstack-target-"));
  const file = path.join(folder, "outputs.json");
  before(() => {
    const content = { endpoint: "http://127.0.0.1:3", region: "eu-north-1", accountId: "300000000000" };
    writeFileSync(file, JSON.stringify(content));
  });
  after(() => rmSync(folder, { recursive: true }));
  const nowhere = path.join(folder, "none.json");

  const found: [what: string, inputs: Properties, environment: Record<string, string>, expected: object][] = [
    [
      "the provider's endpoints first",
      { endpoints: '[{"sqs":"","iot":"http://127.0.0.1:1"}]', region: "eu-west-1" },
      { AWS_ENDPOINT_URL: "http://127.0.0.1:2", AWS_ACCESS_KEY_ID: "100000000000", THINGSTACK_SANDBOX: file },
      { endpoint: "http://127.0.0.1:1", region: "eu-west-1", accountId: "100000000000" },
    ],
    [
      "then the environment",
      {},
      {
        AWS_ENDPOINT_URL: "http://127.0.0.1:2",
        AWS_REGION: "eu-west-2",
        AWS_ACCESS_KEY_ID: "AKIA",
        THINGSTACK_SANDBOX: nowhere,
      },
      { endpoint: "http://127.0.0.1:2", region: "eu-west-2", accountId: "000000000000" },
    ],
    [
      "then the file of the local cloud that runs",
      { accessKey: "400000000000" },
      { THINGSTACK_SANDBOX: file },
      { endpoint: "http://127.0.0.1:3", region: "eu-north-1", accountId: "400000000000" },
    ],
    ["with the file's account", {}, { THINGSTACK_SANDBOX: file }, { accountId: "300000000000" }],
  ];
  for (const [what, inputs, environment, expected] of found) {
    it(what, () => expect(findLocalCloud(inputs, environment)).to.deep.include(expected));
  }

  it("and says so when there is none: it never reaches out for AWS itself", () => {
    expect(() => findLocalCloud({ region: "eu-west-1" }, { THINGSTACK_SANDBOX: nowhere })).to.throw(
      /there is none: run `npm start` beside it, or set AWS_ENDPOINT_URL\. For AWS itself use the official AWS provider/,
    );
  });
});
