import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ProjectError, readProject } from "../../../policies/run/stackConfig";

describe("policies: the project's files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "project-"));
    write("Pulumi.yaml", "name: shop\nruntime: nodejs\nmain: src/index.ts\n");
    write("Pulumi.dev.yaml", "config: {}\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const config = (stack = "dev") => readProject(folder, stack).config;

  it("say the project's name and entry point", () => {
    expect(readProject(folder, "dev")).to.deep.equal({ name: "shop", main: join(folder, "src/index.ts"), config: {} });
    write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    expect(readProject(folder, "dev").main).to.equal(folder);
  });

  it("give every value as text, objects as JSON, keys with the project's name", () => {
    write(
      "Pulumi.dev.yaml",
      "config:\n  aws:region: eu-central-1\n  days: 7\n  shop:on: true\n  shop:list: [a, { b: 1 }]\n",
    );
    expect(config()).to.deep.equal({
      "aws:region": "eu-central-1",
      "shop:days": "7",
      "shop:on": "true",
      "shop:list": '["a",{"b":1}]',
    });
  });

  it("give the project's defaults where the stack says nothing", () => {
    write(
      "Pulumi.yaml",
      "name: shop\nconfig:\n  shop:days: { type: integer, default: 7 }\n  shop:on: { type: boolean, default: false }\n  aws:region: { value: eu-west-1 }\n  shop:plain: 3\n  shop:needed: { type: string }\n",
    );
    write("Pulumi.dev.yaml", "config:\n  shop:days: 30\n");
    expect(config()).to.deep.equal({
      "shop:days": "30",
      "shop:on": "false",
      "aws:region": "eu-west-1",
      "shop:plain": "3",
    });
  });

  it("give no secret, encrypted or not", () => {
    write("Pulumi.dev.yaml", "config:\n  shop:key: { secure: v1:abc:def }\n");
    expect(config()).to.deep.equal({ "shop:key": "secret" });
  });

  it("may be empty", () => {
    write("Pulumi.dev.yaml", "");
    expect(config()).to.deep.equal({});
  });

  const wrong: [what: string, change: () => void, message: RegExp][] = [
    [
      "the stack is not there",
      () => rmSync(join(folder, "Pulumi.dev.yaml")),
      /There is no .+Pulumi\.dev\.yaml; there is no stack yet: pulumi stack init\.$/,
    ],
    [
      "the project is not there",
      () => rmSync(join(folder, "Pulumi.yaml")),
      /There is no .+Pulumi\.yaml; run this in the folder of a Pulumi project\.$/,
    ],
    ["a file is not YAML", () => write("Pulumi.dev.yaml", "config: ["), /Pulumi\.dev\.yaml is not YAML: /],
    ["the project has no name", () => write("Pulumi.yaml", "runtime: nodejs\n"), /Pulumi\.yaml has no name$/],
  ];
  for (const [what, change, message] of wrong) {
    it(`are refused where ${what}`, () => {
      change();
      expect(() => config()).to.throw(ProjectError, message);
    });
  }

  it("are named where the stack is not among them", () => {
    write("Pulumi.prod.yaml", "");
    expect(() => config("staging")).to.throw(ProjectError, /there is dev, prod\.$/);
  });
});
