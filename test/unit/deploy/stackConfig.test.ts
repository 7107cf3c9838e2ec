import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { readStackConfig } from "../../../sandbox/deploy/stackConfig";

describe("the configuration of a stack", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "thingstack-config-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function read(project: string, stack: string | undefined) {
    writeFileSync(path.join(root, "Pulumi.yaml"), project);
    if (stack !== undefined) writeFileSync(path.join(root, "Pulumi.dev.yaml"), stack);
    return readStackConfig(root, "dev");
  }

  it("is the stack's values over the project's defaults, namespaced, as text or JSON", () => {
    const { project, main, config } = read(
      `
name: fleet
main: stacks/index.ts
runtime: nodejs
config:
  interval: { type: integer, default: 300 }
  fleet:count: { type: integer, default: 5 }
  devices: { type: array, items: { type: string }, default: [] }
  names: { default: plain }
  short: 7
  aws:region: { value: eu-west-1 }
`,
      `
config:
  interval: 60
  fleet:devices: [a, b]
  aws:region: eu-central-1
  aws:defaultTags: { tags: { project: fleet } }
  flag: true
  text: "007"
`,
    );
    expect(project).to.equal("fleet");
    expect(main).to.equal(path.join(root, "stacks", "index.ts"));
    expect(config).to.deep.equal({
      "fleet:interval": "60",
      "fleet:count": "5",
      "fleet:devices": '["a","b"]',
      "fleet:names": "plain",
      "fleet:short": "7",
      "aws:region": "eu-central-1",
      "aws:defaultTags": '{"tags":{"project":"fleet"}}',
      "fleet:flag": "true",
      "fleet:text": "007",
    });
  });

  it("is just the defaults when the stack's file is empty", () => {
    expect(read("name: fleet\nconfig: { a: { default: x } }\n", "").config).to.deep.equal({ "fleet:a": "x" });
  });

  const declared = "name: fleet\nconfig:\n";
  const bad: [what: string, project: string, stack: string | undefined, messages: RegExp[]][] = [
    [
      "a stack that has no file",
      "name: fleet",
      undefined,
      [/there is no .*Pulumi\.dev\.yaml; it configures the stack dev/],
    ],
    ["a file that is not YAML", "name: fleet", "config: [", [/Pulumi\.dev\.yaml is not YAML/]],
    ["a project without a name", "config: {}", "", [/Pulumi\.yaml: the project has no `name`/]],
    [
      "a value that is missing",
      `${declared}  a: { type: string }`,
      "",
      [/fleet:a is missing, and Pulumi\.yaml has no default/],
    ],
    [
      "a value of another type",
      `${declared}  a: { type: integer }`,
      "config: { a: 1.5 }",
      [/fleet:a must be of type integer.*it is 1\.5/],
    ],
    ["a list that is none", `${declared}  a: { type: array }`, "config: { a: x }", [/fleet:a must be of type array/]],
    ["a boolean that is none", `${declared}  a: { type: boolean }`, "config: { a: 1 }", [/must be of type boolean/]],
    [
      "an encrypted value",
      "name: fleet",
      "config: { a: { secure: v1:abc } }",
      [/a is encrypted.*pulumi config set -s dev --plaintext a/],
    ],
    ["an encrypted value deep inside", "name: fleet", "config: { a: { b: [{ secure: v1:abc }] } }", [/a is encrypted/]],
    ["an environment of Pulumi Cloud", "name: fleet", "environment: [x]", [/`environment` is of Pulumi Cloud/]],
    [
      "several at once",
      `${declared}  a: { type: string }\n  b: { type: integer }`,
      "config: { b: x, c: { secure: y } }",
      [/fleet:a is missing/, /fleet:b must be/, /c is encrypted/],
    ],
  ];
  for (const [what, project, stack, messages] of bad) {
    it(`is refused: ${what}`, () => {
      for (const message of messages) expect(() => read(project, stack)).to.throw(message);
    });
  }

  it("is refused where there is no project", () => {
    expect(() => readStackConfig(root, "dev")).to.throw(/there is no .*Pulumi\.yaml; it declares the project/);
  });
});
