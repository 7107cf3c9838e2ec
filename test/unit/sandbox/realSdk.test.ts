import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { assertRealSdk } from "../../../sandbox/ministack/realSdk";
import { temporaryFolder } from "./fakePython";

describe("assertRealSdk", () => {
  const modules = path.join(temporaryFolder(), "node_modules");
  const install = (name: string, code: string) => {
    mkdirSync(path.join(modules, name, "dist-cjs"), { recursive: true });
    writeFileSync(path.join(modules, name, "package.json"), JSON.stringify({ name, main: "dist-cjs/index.js" }));
    writeFileSync(path.join(modules, name, "dist-cjs", "index.js"), code);
  };

  before(() => {
    install("@aws-sdk/client-sqs", "exports.SQSClient = class {};");
    install("@aws-sdk/client-broken", 'require("@smithy/not-installed");');
  });

  const fine: { what: string; code: string }[] = [
    { what: "no SDK at all", code: 'exports.handler = async () => require("node:crypto").randomUUID();' },
    { what: "a client that is installed", code: 'const { SQSClient } = require("@aws-sdk/client-sqs");' },
    { what: "the deep path Pulumi writes", code: 'require("@aws-sdk/client-sqs/dist-cjs/index.js")' },
    { what: "a package that is not of the SDK, which is not its matter", code: 'require("left-pad")' },
    {
      what: "a client that is only talked about",
      code: '// see @aws-sdk/client-missing\nconst x = "@aws-sdk/client-missing";',
    },
  ];
  for (const { what, code } of fine) {
    it(`lets pass ${what}`, () => {
      assertRealSdk("ok", code, modules);
    });
  }

  const refused: { what: string; code: string; says: string }[] = [
    { what: "by require", code: "require('@aws-sdk/client-missing')", says: '"@aws-sdk/client-missing" not installed' },
    {
      what: "by a deep path",
      code: 'require("@aws-sdk/client-missing/dist-cjs/index.js")',
      says: "npm install @aws-sdk/client-missing.",
    },
    {
      what: "by import()",
      code: "await import(`@aws-sdk/client-missing`)",
      says: '"@aws-sdk/client-missing" not installed',
    },
    {
      what: "by import",
      code: 'import { A } from "@aws-sdk/client-missing";',
      says: '"@aws-sdk/client-missing" not installed',
    },
    {
      what: "twice over",
      code: 'require("@aws-sdk/client-one"); require("@smithy/two"); require("@aws-sdk/client-sqs")',
      says: "npm install @aws-sdk/client-one @smithy/two.",
    },
    {
      what: "that is there but does not load",
      code: 'require("@aws-sdk/client-broken")',
      says: "\"@aws-sdk/client-broken\" does not load (Cannot find module '@smithy/not-installed')",
    },
    {
      what: "by a path the package does not have",
      code: 'require("@aws-sdk/client-sqs/dist-cjs/gone.js")',
      says: '"@aws-sdk/client-sqs/dist-cjs/gone.js" does not load',
    },
  ];
  for (const { what, code, says } of refused) {
    it(`refuses a stand-in ${what}, naming function and package`, () => {
      expect(() => assertRealSdk("remind", code, modules))
        .to.throw(/^Function "remind" would not run with the real AWS SDK/)
        .with.property("message")
        .that.contains(says);
    });
  }

  it("looks into the project's own modules by default", () => {
    assertRealSdk("ok", 'require("@aws-sdk/client-iot-data-plane"); require("@aws-sdk/lib-dynamodb");');
    expect(() => assertRealSdk("f", 'require("@aws-sdk/client-nothing")')).to.throw(/client-nothing/);
  });
});
