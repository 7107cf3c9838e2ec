import {
  AnalyzeRequest,
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzeStackRequest,
  ConfigureAnalyzerRequest,
  EnforcementLevel,
  PolicyConfig,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { expect } from "chai";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { packs } from "../../policies/run/packs";
import { unknown } from "../unit/policies/support";
import { type PackServer, startPack } from "./packServer";

const bucket = (props: object) => resource("aws:s3/bucket:Bucket", "photos", props, AnalyzeRequest);
const logs = (props: object) => resource("aws:cloudwatch/logGroup:LogGroup", "logs", props, AnalyzeRequest);

/** A resource as the engine describes it in a request. */
function resource<T extends AnalyzeRequest | AnalyzerResource>(
  type: string,
  name: string,
  props: object,
  Message: new () => T,
): T {
  const message = new Message();
  message.setType(type);
  message.setName(name);
  message.setUrn(`urn:pulumi:dev::shop::${type}::${name}`);
  message.setProperties(Struct.fromJavaScript(props as never));
  message.setOptions(new AnalyzerResourceOptions());
  return message;
}

function configuration(policy: string, parameters: object, level: EnforcementLevel = EnforcementLevel.MANDATORY) {
  const request = new ConfigureAnalyzerRequest();
  const config = new PolicyConfig()
    .setEnforcementlevel(level)
    .setProperties(Struct.fromJavaScript(parameters as never));
  request.getPolicyconfigMap().set(policy, config);
  return request;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}

for (const pack of packs) {
  describe(`policies: the pack ${pack.name}, started as Pulumi's engine starts it`, () => {
    let server: PackServer;
    before(async () => {
      server = await startPack(pack.name.replace("thingstack-", ""));
    });
    after(() => server?.stop());

    it("introduces itself with all its policies, their levels and parameters", async () => {
      const info = await server.info();
      expect(info.getName()).to.equal(pack.name);
      expect(info.getVersion()).to.equal("0.1.0");
      expect(info.getDescription()).to.equal(pack.description);
      expect(info.getPoliciesList().map((policy) => policy.getName())).to.deep.equal(
        pack.policies.map(({ name }) => name),
      );
      for (const [at, policy] of info.getPoliciesList().entries()) {
        const { enforcementLevel, configSchema } = pack.policies[at]!;
        const level = enforcementLevel === "advisory" ? EnforcementLevel.ADVISORY : EnforcementLevel.MANDATORY;
        expect(policy.getEnforcementlevel(), policy.getName()).to.equal(level);
        const schema = policy.getConfigschema()?.getProperties()?.toJavaScript();
        expect(schema, policy.getName()).to.deep.equal(
          configSchema && JSON.parse(JSON.stringify(configSchema.properties)),
        );
      }
    });

    it("refuses a configuration of a policy it does not have", async () => {
      const misspelt = `${pack.policies[0]!.name}x`;
      expect(await refusal(server.configure(configuration(misspelt, {})))).to.match(
        new RegExp(
          `${pack.name} is wrong:\n- there is no policy "${misspelt}" in ${pack.name}; did you mean "${pack.policies[0]!.name}"`,
        ),
      );
    });

    it("refuses a parameter that a policy does not have, and a value of a wrong type", async () => {
      const policy = pack.policies.find(({ configSchema }) => configSchema)!;
      const [parameter] = Object.keys(policy.configSchema!.properties);
      expect(await refusal(server.configure(configuration(policy.name, { nothing: 1 })))).to.match(
        new RegExp(`${policy.name}: there is no parameter "nothing"`),
      );
      expect(await refusal(server.configure(configuration(policy.name, { [parameter!]: { a: null } })))).to.match(
        new RegExp(`${policy.name}\\.${parameter}`),
      );
    });
  });
}

describe("policies: a pack's answers to Pulumi's engine", () => {
  let security: PackServer;
  let conventions: PackServer;
  before(async () => {
    [security, conventions] = await Promise.all([startPack("security"), startPack("conventions")]);
  });
  after(() => {
    security?.stop();
    conventions?.stop();
  });

  it("say what is wrong with a resource, why, how to fix it, and where to read more", async () => {
    const [violation, ...more] = (await security.analyze(bucket({ acl: "public-read" }))).getDiagnosticsList();
    expect(more).to.deep.equal([]);
    expect(violation?.getPolicyname()).to.equal("s3-public-access");
    expect(violation?.getPolicypackname()).to.equal("thingstack-security");
    expect(violation?.getEnforcementlevel()).to.equal(EnforcementLevel.MANDATORY);
    expect(violation?.getMessage()).to.match(
      /^Buckets are private.+\nphotos has the ACL public-read\.\nWhy: .+\nFix: .+\nSee https:\/\/docs\.aws\.amazon\.com\//,
    );
  });

  it("say nothing of a resource that complies, and why a policy does not apply", async () => {
    const response = await security.analyze(bucket({ acl: "private" }));
    expect(response.getDiagnosticsList()).to.deep.equal([]);
    const reasons = response.getNotApplicableList().map((entry) => entry.getReason());
    expect(reasons).to.include("iam-wildcard-resources is not about aws:s3/bucket:Bucket");
  });

  it("hold a value that preview does not know as not applicable, not as wrong", async () => {
    const grants = resource("aws:iam/rolePolicy:RolePolicy", "grants", { policy: unknown }, AnalyzeRequest);
    const response = await security.analyze(grants);
    expect(response.getDiagnosticsList()).to.deep.equal([]);
    const entry = response.getNotApplicableList().find((found) => found.getPolicyName() === "iam-wildcard-resources");
    expect(entry?.getReason()).to.match(/\.policy can't be known during preview; it is checked as soon as it is known/);
  });

  it("look at the whole stack where one resource cannot tell", async () => {
    const photos = resource("aws:s3/bucket:Bucket", "photos", { bucket: "photos", id: "photos" }, AnalyzerResource);
    const stack = new AnalyzeStackRequest().setResourcesList([photos]);
    const found = (await security.analyzeStack(stack)).getDiagnosticsList();
    expect(found.map((violation) => violation.getPolicyname())).to.deep.equal([
      "s3-public-access-block",
      "s3-encryption",
      "s3-tls-only",
    ]);
    expect(new Set(found.map((violation) => violation.getUrn()))).to.deep.equal(new Set([photos.getUrn()]));
  });

  it("follow the configuration they were given", async () => {
    await conventions.configure(configuration("log-retention", { minimumDays: 30 }, EnforcementLevel.ADVISORY));
    const found = (
      await conventions.analyze(logs({ retentionInDays: 7, tags: { project: "a", environment: "b", owner: "c" } }))
    ).getDiagnosticsList();
    expect(found.map((violation) => [violation.getPolicyname(), violation.getEnforcementlevel()])).to.deep.equal([
      ["log-retention", EnforcementLevel.ADVISORY],
    ]);
    expect(found[0]?.getMessage()).to.contain("keeps its logs for 7 days; at least 30 are asked for");
  });

  it("mend what they are told to mend, and keep secrets secret", async () => {
    await conventions.configure(
      configuration("required-tags", { values: { owner: "team" } }, EnforcementLevel.REMEDIATE),
    );
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hush" };
    const response = await conventions.remediate(logs({ name: secret, tags: { project: "mine" } }));
    const [remediation, ...more] = response.getRemediationsList();
    expect(more).to.deep.equal([]);
    expect(remediation?.getPolicyname()).to.equal("required-tags");
    expect(remediation?.getProperties()?.toJavaScript()).to.deep.equal({
      name: secret,
      tags: { project: "mine", environment: "dev", owner: "team" },
    });
  });
});
