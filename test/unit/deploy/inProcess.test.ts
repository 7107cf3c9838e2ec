import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { type DeployOptions, deploy } from "../../../sandbox/deploy/inProcess";

// Nobody listens there. What these programs register is only recorded, so none of them needs a cloud.
const cloud = { endpoint: "http://127.0.0.1:9", region: "eu-central-1", accountId: "000000000000" };
const run = (program: DeployOptions["program"], options: Partial<DeployOptions> = {}) =>
  deploy({ program, project: "fleet", stack: "test", cloud, ...options });

/** A resource that is recorded and not played. */
function dashboard(name: string, inputs: pulumi.Inputs = {}, options?: pulumi.CustomResourceOptions) {
  return new aws.cloudwatch.Dashboard(name, { dashboardName: name, dashboardBody: "{}", ...inputs }, options);
}

class Box extends pulumi.ComponentResource {
  constructor(type: string, name: string, options?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, options);
  }
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const failure = await work.then(
    () => undefined,
    (error: Error) => error,
  );
  if (!failure) throw new Error("it did not fail");
  return failure;
}

describe("deploying in-process", () => {
  it("gives URNs as the engine does, and counts resources, no components", async () => {
    const { resources } = await run(async () => {
      const outer = new Box("fleet:a:Outer", "outer");
      const inner = new Box("fleet:a:Inner", "inner", { parent: outer });
      dashboard("deep", {}, { parent: inner });
      dashboard("top");
      return {};
    });
    const urns = resources.map(({ urn }) => urn).sort();
    expect(urns).to.deep.equal([
      "urn:pulumi:test::fleet::aws:cloudwatch/dashboard:Dashboard::top",
      "urn:pulumi:test::fleet::fleet:a:Outer$fleet:a:Inner$aws:cloudwatch/dashboard:Dashboard::deep",
    ]);
    expect(resources.every(({ played }) => !played)).to.equal(true);
  });

  it("tells of each resource as it is made", async () => {
    const seen: string[] = [];
    const { resources } = await run(
      async () => {
        const first = dashboard("first");
        dashboard("second", { dashboardBody: first.dashboardBody });
        return {};
      },
      { onEvent: ({ name, type, seconds }) => seen.push(`${type} ${name} ${typeof seconds}`) },
    );
    expect(seen).to.deep.equal([
      "aws:cloudwatch/dashboard:Dashboard first number",
      "aws:cloudwatch/dashboard:Dashboard second number",
    ]);
    expect(resources.map(({ name }) => name)).to.deep.equal(["first", "second"]);
  });

  it("resolves the outputs and flags the secret ones, what was made from a secret too", async () => {
    const { outputs } = await run(
      async () => {
        const config = new pulumi.Config();
        const board = dashboard("board", { dashboardBody: config.requireSecret("token") });
        return {
          plain: config.require("plain"),
          list: [board.dashboardName, Promise.resolve(2)],
          fromInput: board.dashboardBody,
          derived: board.dashboardBody.apply((text) => text.length),
          organization: pulumi.getOrganization(),
          nothing: undefined,
        };
      },
      { config: { "fleet:plain": "p" }, secretConfig: { "fleet:token": "hidden" } },
    );
    expect(outputs).to.deep.equal({
      plain: { value: "p", secret: false },
      list: { value: ["board", 2], secret: false },
      fromInput: { value: "hidden", secret: true },
      derived: { value: 6, secret: true },
      organization: { value: "organization", secret: false },
    });
  });

  it("hands a resource that is given as an input on as its id", async () => {
    const { state } = await run(async () => {
      const first = dashboard("first");
      dashboard("second", { dashboardBody: first as unknown as string });
      return {};
    });
    const second = [...state.values()].find(({ name }) => name === "second");
    expect(second?.inputs.dashboardBody).to.equal("first");
  });

  it("runs transforms: the resource's own, its parents', then the stack's; and those of invokes", async () => {
    const add =
      (letter: string): pulumi.ResourceTransform =>
      ({ type, props, opts }) =>
        type === "aws:cloudwatch/dashboard:Dashboard"
          ? { props: { ...props, dashboardBody: pulumi.interpolate`${props.dashboardBody}${letter}` }, opts }
          : undefined;
    const { outputs } = await run(async () => {
      pulumi.runtime.registerResourceTransform(add("3"));
      pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({ args: { ...args, region: "eu-north-1" }, opts }));
      const parent = new Box("fleet:a:Outer", "outer", { transforms: [add("2")] });
      const options = { parent, transforms: [add("1")] };
      return {
        plain: dashboard("board", { dashboardBody: "0" }, options).dashboardBody,
        secret: dashboard("hidden", { dashboardBody: pulumi.secret("0") }, options).dashboardBody,
        region: (await aws.getRegion()).region,
      };
    });
    expect(outputs).to.deep.equal({
      plain: { value: "0123", secret: false },
      secret: { value: "0123", secret: true },
      region: { value: "eu-north-1", secret: false },
    });
  });

  it("uses the provider that a resource names, and its region", async () => {
    const { outputs } = await run(async () => {
      const provider = new aws.Provider("north", { region: "eu-north-1" });
      return {
        explicit: (await aws.getRegion({}, { provider })).region,
        byDefault: (await aws.getRegion()).region,
      };
    });
    expect(outputs).to.deep.include({ explicit: { value: "eu-north-1", secret: false } });
    expect(outputs).to.deep.include({ byDefault: { value: "eu-central-1", secret: false } });
  });

  describe("from an entry file", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "thingstack-program-"));
    after(() => rmSync(folder, { recursive: true }));
    const entries: [what: string, code: string][] = [
      ["exports", "exports.a = 1;"],
      ["an exported function", "module.exports = async () => ({ a: 1 });"],
      ["a default function", "exports.default = () => ({ a: 1 });"],
    ];
    for (const [what, code] of entries) {
      it(`takes ${what} as Pulumi does`, async () => {
        const file = path.join(folder, `${what.replaceAll(" ", "-")}.js`);
        writeFileSync(file, code);
        expect((await run(file)).outputs).to.deep.equal({ a: { value: 1, secret: false } });
      });
    }

    it("loads it anew each time", async () => {
      const file = path.join(folder, "changing.js");
      for (const value of [1, 2]) {
        writeFileSync(file, `exports.a = ${value};`);
        expect((await run(file)).outputs.a?.value).to.equal(value);
      }
    });
  });

  describe("fails", () => {
    const failing: [what: string, program: () => Promise<Record<string, unknown>>, message: RegExp][] = [
      [
        "with the type that it does not know, and where to add it",
        async () => ({ vpc: new aws.ec2.Vpc("net", {}).id }),
        /^could not create aws:ec2\/vpc:Vpc "net": the local cloud does not know the resource type aws:ec2\/vpc:Vpc\. Add/,
      ],
      [
        "with the resource, when the cloud does not answer",
        async () => ({ url: new aws.sqs.Queue("letters").url }),
        /^could not create aws:sqs\/queue:Queue "letters": .*the local cloud does not answer/,
      ],
      [
        "with what the program threw",
        async () => {
          throw new Error("no such luck");
        },
        /^no such luck$/,
      ],
      [
        "with what was thrown in an apply that nobody awaits",
        async () => {
          dashboard("board").dashboardBody.apply(() => {
            throw new Error("in the dark");
          });
          return {};
        },
        /in the dark/,
      ],
      [
        "with the name that two resources share",
        async () => {
          dashboard("same");
          dashboard("same");
          return {};
        },
        /two resources have the same name and type: urn:pulumi:test::fleet::aws:cloudwatch\/dashboard:Dashboard::same/,
      ],
      [
        "with a provider that is not AWS's",
        async () => {
          class Random extends pulumi.ProviderResource {}
          return { id: new Random("random", "other").id };
        },
        /no provider for pulumi:providers:random/,
      ],
      [
        "with a data source that it does not answer",
        async () => ({ ami: (await aws.ec2.getAmi({})).id }),
        /does not answer aws:ec2\/getAmi:getAmi/,
      ],
      [
        "with the wrong account",
        async () => ({ id: new aws.Provider("other", { allowedAccountIds: ["111111111111"] }).id }),
        /is account 000000000000, .*allows 111111111111 only/,
      ],
    ];
    for (const [what, program, message] of failing) {
      it(what, async () => expect((await failureOf(run(program))).message).to.match(message));
    }

    it("at the first failure: what depends on it is not begun, and the program does not go on", async () => {
      const made: string[] = [];
      let wentOn = false;
      const failure = await failureOf(
        run(
          async () => {
            const bad = new aws.ec2.Vpc("net", {});
            dashboard("after", { dashboardBody: bad.id });
            await new Promise((resolve) => bad.id.apply(resolve));
            wentOn = true;
            return {};
          },
          { onEvent: ({ name }) => made.push(name) },
        ),
      );
      expect(failure.message).to.contain("aws:ec2/vpc:Vpc");
      expect([made, wentOn]).to.deep.equal([[], false]);
    });

    it("when another deployment is under way in the process, and not after it", async () => {
      const first = run(async () => ({}));
      expect((await failureOf(run(async () => ({})))).message).to.match(/a deployment is under way/);
      await first;
      await run(async () => ({}));
    });

    it("without a trace: the process ends by itself, with its own exit code and no complaint of Pulumi's", async () => {
      const code = `
        const { deploy } = require("./sandbox/deploy/inProcess");
        const aws = require("@pulumi/aws");
        const program = async () => ({ id: new aws.ec2.Vpc("net", {}).id });
        deploy({ program, project: "p", stack: "s", cloud: ${JSON.stringify(cloud)} })
          .catch((error) => console.log(error.name));`;
      const root = path.join(__dirname, "..", "..", "..");
      const args = ["-r", "./typescript.cjs", "-e", code];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
      expect(stdout).to.equal("ResourceError\n");
      expect(stderr).not.to.match(/promises|Pulumi/);
    }).timeout(30_000);
  });
});
