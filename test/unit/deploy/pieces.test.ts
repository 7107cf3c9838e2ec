import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { asset } from "@pulumi/pulumi";
import { expect } from "chai";
import { strFromU8, unzipSync } from "fflate";
import { useFakeTimers } from "sinon";
import { assetBytes, sha256Base64, zip, zipArchive, zipText } from "../../../sandbox/deploy/assets";
import {
  type AttributeTable,
  changedAttributes,
  fromAttributes,
  toAttributes,
} from "../../../sandbox/deploy/attributes";
import { ResourceError } from "../../../sandbox/deploy/errors";
import { ownTags, tagChanges } from "../../../sandbox/deploy/tags";
import { until } from "../../../sandbox/deploy/until";
import { watchInputs } from "../../../sandbox/deploy/watchedInputs";

describe("zips of functions", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "thingstack-assets-"));
  before(() => {
    mkdirSync(path.join(folder, "lib"));
    writeFileSync(path.join(folder, "index.js"), "one");
    writeFileSync(path.join(folder, "lib", "more.js"), "two");
  });
  after(() => rmSync(folder, { recursive: true }));
  const filesOf = (bytes: Uint8Array) =>
    Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, strFromU8(content)]));

  it("are the same bytes for the same content, whenever and in whatever order they are made", () => {
    const [a, b] = [Buffer.from("a"), Buffer.from("b")];
    const at = (time: string, files: Record<string, Uint8Array>) => {
      const clock = useFakeTimers(new Date(time));
      try {
        return sha256Base64(zip(files));
      } finally {
        clock.restore();
      }
    };
    const first = at("2024-01-01T00:00:00Z", { "x.js": a, "y.js": b });
    expect(at("2031-07-01T12:34:56Z", { "y.js": b, "x.js": a })).to.equal(first);
    expect(at("2024-01-01T00:00:00Z", { "x.js": b, "y.js": a })).not.to.equal(first);
  });

  it("hold texts, files, folders and archives inside archives", async () => {
    const archive = new asset.AssetArchive({
      "index.js": new asset.StringAsset("text"),
      "file.js": new asset.FileAsset(path.join(folder, "index.js")),
      deep: new asset.FileArchive(folder),
      inner: new asset.AssetArchive({ "a.js": new asset.StringAsset("a") }),
    });
    expect(filesOf(await zipArchive(archive))).to.deep.equal({
      "index.js": "text",
      "file.js": "one",
      "deep/index.js": "one",
      "deep/lib/more.js": "two",
      "inner/a.js": "a",
    });
  });

  it("are taken as they are when the program gives a zip", async () => {
    const ready = zip({ "a.js": Buffer.from("a") });
    writeFileSync(path.join(folder, "ready.zip"), ready);
    expect(await zipArchive(new asset.FileArchive(path.join(folder, "ready.zip")))).to.deep.equal(Buffer.from(ready));
  });

  it("are refused with a way out when they cannot be had", async () => {
    const refusals: [archive: unknown, message: RegExp][] = [
      [new asset.FileArchive(path.join(folder, "index.js")), /neither a folder nor a \.zip/],
      [new asset.RemoteArchive("https://example.com/a.zip"), /download a remote archive first/],
    ];
    for (const [archive, message] of refusals) {
      expect(await messageOf(zipArchive(archive))).to.match(message);
    }
    expect(await messageOf(assetBytes(new asset.RemoteAsset("https://example.com/a")))).to.match(/download/);
  });

  it("show the text of their scripts and of no package inside", () => {
    const bytes = zip({ "index.js": Buffer.from("mine"), "node_modules/x/index.js": Buffer.from("theirs") });
    expect(zipText(bytes, /^(?!.*node_modules\/).*\.js$/)).to.equal("mine");
  });
});

describe("attributes that AWS takes as text", () => {
  const table: AttributeTable = {
    delaySeconds: ["DelaySeconds", "number", "0"],
    fifo: ["Fifo", "boolean", "false"],
    policy: ["Policy", "string", ""],
  };

  it("go there and back", () => {
    const inputs = { delaySeconds: 5, fifo: true, policy: "{}" };
    const attributes = { DelaySeconds: "5", Fifo: "true", Policy: "{}" };
    expect(toAttributes(table, inputs)).to.deep.equal(attributes);
    expect(fromAttributes(table, attributes)).to.deep.equal(inputs);
    expect(toAttributes(table, { policy: { Version: "1" }, other: 1 })).to.deep.equal({ Policy: '{"Version":"1"}' });
    expect(fromAttributes(table, { Policy: "", Other: "1" })).to.deep.equal({});
  });

  it("fall back to AWS's default when they are no longer said", () => {
    const changed = changedAttributes(table, { delaySeconds: 5, policy: "{}" }, { delaySeconds: 0 });
    expect(changed).to.deep.equal({ DelaySeconds: "0", Policy: "" });
    expect(changedAttributes(table, {}, {})).to.deep.equal({});
  });
});

describe("tags", () => {
  it("change by what is new and what is gone", () => {
    expect(tagChanges({ a: "1", b: "2", c: "3" }, { a: "1", b: "other", d: "4" })).to.deep.equal({
      set: { b: "other", d: "4" },
      remove: ["c"],
    });
    expect(tagChanges(undefined, undefined)).to.deep.equal({ set: {}, remove: [] });
  });

  const own: [what: string, all: object, defaults: object, declared: object | undefined, expected: object][] = [
    ["defaults are not the resource's own", { project: "p", a: "1" }, { project: "p" }, { a: "1" }, { a: "1" }],
    ["a default with another value is", { project: "other" }, { project: "p" }, {}, { project: "other" }],
    ["a default that is declared again is", { project: "p" }, { project: "p" }, { project: "p" }, { project: "p" }],
    ["a stranger's tag is", { stranger: "1" }, {}, undefined, { stranger: "1" }],
  ];
  for (const [what, all, defaults, declared, expected] of own) {
    it(what, () => {
      const text = (tags: object | undefined) => tags as Record<string, string>;
      expect(ownTags(text(all), text(defaults), text(declared))).to.deep.equal(expected);
    });
  }
});

describe("inputs that remember what was looked at", () => {
  const inputs = {
    name: "a",
    environment: { variables: { A: "1" } },
    rules: [{ id: "x", status: "on" }],
    unset: undefined,
    empty: {},
    archive: new asset.AssetArchive({}),
  };

  it("name every value that nobody looked at, down to the last one", () => {
    expect(watchInputs(inputs).unread()).to.deep.equal([
      "name",
      "environment.variables.A",
      "rules[0].id",
      "rules[0].status",
      "archive",
    ]);
  });

  it("know what was read, spread, mapped or turned to JSON", () => {
    const { watched, unread } = watchInputs(inputs);
    expect(watched.name).to.equal("a");
    expect(JSON.stringify(watched.environment)).to.equal('{"variables":{"A":"1"}}');
    expect(watched.rules.map(({ id }) => id)).to.deep.equal(["x"]);
    expect(watched.archive).to.equal(inputs.archive);
    expect(unread()).to.deep.equal(["rules[0].status"]);
    for (const rule of watched.rules) expect({ ...rule }).to.deep.equal({ id: "x", status: "on" });
    expect(unread()).to.deep.equal([]);
  });
});

describe("errors of resources", () => {
  const aws = (message: string, extra: object = {}) =>
    Object.assign(new Error(message), { name: "ValidationException", $metadata: { httpStatusCode: 400 }, ...extra });
  const cases: [what: string, cause: unknown, message: RegExp, property?: string][] = [
    [
      "AWS's own message, with its name and status",
      aws("1 validation error detected: Value '901' at 'delaySeconds' failed to satisfy constraint"),
      /^could not create aws:sqs\/queue:Queue "late", property `delaySeconds`: ValidationException \(400\): 1 validation/,
      "delaySeconds",
    ],
    [
      "a property written AWS's way",
      aws("Invalid value for the parameter DelaySeconds."),
      /`delaySeconds`/,
      "delaySeconds",
    ],
    ["no property that AWS does not name", aws("the sum of delaySeconds is odd"), /"late": ValidationException/],
    ["what this program says itself", new Error("the function has no `code`"), /"late": the function has no `code`$/],
    [
      "a cloud that does not answer",
      Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" }),
      /ECONNREFUSED.*\(the local cloud does not answer/,
    ],
    [
      "a cloud that does not answer and says nothing",
      Object.assign(new Error(""), { code: "ECONNREFUSED" }),
      /: ECONNREFUSED \(/,
    ],
  ];
  for (const [what, cause, message, property] of cases) {
    it(`tell ${what}`, () => {
      const error = new ResourceError("aws:sqs/queue:Queue", "late", "create", cause, { delaySeconds: 901 });
      expect(error.message).to.match(message);
      expect(error.property).to.equal(property);
      expect(error.cause).to.equal(cause);
    });
  }
});

describe("waiting for AWS", () => {
  it("ends with the answer that will do", async () => {
    let asked = 0;
    expect(
      await until(
        "it",
        async () => ++asked,
        (count) => count === 3,
      ),
    ).to.equal(3);
  });

  it("ends with the last answer seen when time is up", async () => {
    const waiting = until(
      "the table being active",
      async () => ({ status: "CREATING" }),
      () => false,
      0.02,
    );
    expect(await messageOf(waiting)).to.equal(
      'the table being active did not happen in 0.02 s; last seen: {"status":"CREATING"}',
    );
  });
});

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it worked",
    (error: Error) => error.message,
  );
}
