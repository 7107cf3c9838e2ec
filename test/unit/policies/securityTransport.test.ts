import { expect } from "chai";
import { compliantStack } from "./compliantStack";
import { check, type Props, unknown } from "./support";
import { type Row, set, table } from "./table";

describe("policies: on the way, and in the environment", () => {
  describe("api-tls", () => {
    table([
      set("domain", "finds TLS 1.0", { securityPolicy: "TLS_1_0" }, ["api-tls"]),
      set("domain", "finds that nothing is said", { securityPolicy: undefined }, ["api-tls"]),
      set("domain", "takes a policy of TLS 1.3", { securityPolicy: "SecurityPolicy_TLS13_1_2_2021_06" }),
    ]);

    it("looks into the configuration of an HTTP API's domain name", () => {
      const domain = (securityPolicy: string) =>
        check([
          {
            type: "aws:apigatewayv2/domainName:DomainName",
            name: "domain",
            props: {
              tags: { project: "a", environment: "b", owner: "c" },
              domainNameConfiguration: { securityPolicy },
            },
          },
        ]).map(({ policy }) => policy);
      expect(domain("TLS_1_2")).to.deep.equal([]);
      expect(domain("TLS_1_0")).to.deep.equal(["api-tls"]);
    });
  });

  describe("cloudfront-tls", () => {
    const policy = "cloudfront-tls";
    const site = (title: string, change: (props: Props) => void, finds: string[] = [], says?: RegExp): Row => ({
      title,
      on: "site",
      change,
      finds,
      says,
    });
    const origin = { originId: "other", domainName: "example.com" };
    table([
      site(
        "finds plain HTTP",
        (props) => {
          props.defaultCacheBehavior.viewerProtocolPolicy = "allow-all";
        },
        [policy],
        /defaultCacheBehavior/,
      ),
      site(
        "finds plain HTTP on one path",
        (props) => {
          props.orderedCacheBehaviors[0].viewerProtocolPolicy = "allow-all";
        },
        [policy],
        /orderedCacheBehaviors\.0/,
      ),
      site(
        "finds TLS 1.1",
        (props) => {
          props.viewerCertificate.minimumProtocolVersion = "TLSv1.1_2016";
        },
        [policy],
        /TLSv1\.1_2016/,
      ),
      site(
        "finds that nothing is said",
        (props) => {
          delete props.viewerCertificate.minimumProtocolVersion;
        },
        [policy],
        /TLSv1\b/,
      ),
      site("takes TLS 1.3", (props) => {
        props.viewerCertificate.minimumProtocolVersion = "TLSv1.3_2025";
      }),
      site(
        "finds the default certificate",
        (props) => {
          props.viewerCertificate = { cloudfrontDefaultCertificate: true };
        },
        [policy],
        /cloudfront\.net/,
      ),
      {
        ...site("takes the default certificate where its configuration does", (props) => {
          props.viewerCertificate = { cloudfrontDefaultCertificate: true };
        }),
        config: { "thingstack-security": { [policy]: { allowDefaultCertificate: true } } },
      },
      site(
        "finds plain HTTP to an origin",
        (props) => {
          props.origins[1].customOriginConfig.originProtocolPolicy = "match-viewer";
        },
        [policy],
        /origins\.1/,
      ),
      site(
        "finds an old TLS to an origin",
        (props) => {
          props.origins[1].customOriginConfig.originSslProtocols = ["TLSv1", "TLSv1.2"];
        },
        [policy],
        /speaks TLSv1 to/,
      ),
      site("says nothing while an origin is not known", (props) => {
        props.origins = [{ ...origin, customOriginConfig: { originProtocolPolicy: unknown } }];
      }),
      site(
        "says that origins are of a wrong type",
        (props) => {
          props.origins = origin;
        },
        [policy],
        /`origins` must be a list, but is an object/,
      ),
    ]);
  });

  describe("environment-secrets", () => {
    const policy = "environment-secrets";
    const variable = (name: string, value: unknown, finds: boolean): Row => ({
      title: `${finds ? "finds" : "takes"} ${name}=${value === unknown ? "(not known yet)" : JSON.stringify(value).slice(0, 40)}`,
      on: "worker",
      change: (props) => {
        props.environment.variables[name] = value;
      },
      finds: finds ? [policy] : [],
      says: /The variable .+ of worker looks like a secret\.$/,
    });
    table([
      ...["API_KEY", "DB_PASSWORD", "SLACK_TOKEN", "clientSecret", "JWT_SIGNING_KEY", "PASSPHRASE"].map((name) =>
        variable(name, "hunter2", true),
      ),
      variable("CONFIG", "AKIAIOSFODNN7EXAMPLE", true),
      variable("CERT", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", true),
      variable("DATABASE", "postgres://shop:hunter2@db:5432/shop", true),
      variable("GIT", `ghp_${"a".repeat(36)}`, true),
      variable("API_KEY_ARN", "arn:aws:secretsmanager:eu-central-1:1:secret:x", false),
      variable("DB_PASSWORD_PARAMETER", "/shop/db", false),
      variable("TOKEN_TTL", "3600", false),
      variable("TOKENS", "3600", false),
      variable("SECRET", "{{resolve:secretsmanager:x}}", false),
      variable("API_KEY", "", false),
      variable("API_KEY", unknown, false),
      variable("TABLE_NAME", "tokens", false),
      variable("KEYBOARD", "qwertz", false),
      {
        ...variable("FEATURE_TOKEN", "blue", false),
        title: "takes one that its configuration gives a reason for",
        config: {
          "thingstack-security": { [policy]: { allowed: { FEATURE_TOKEN: "the name of a colour, shown to all" } } },
        },
      },
    ]);

    it("looks into the containers of a task, and never says the value", () => {
      const task = {
        tags: { project: "a", environment: "b", owner: "c" },
        containerDefinitions: JSON.stringify([{ environment: [{ name: "API_TOKEN", value: "hunter2" }] }]),
      };
      const found = check([{ type: "aws:ecs/taskDefinition:TaskDefinition", name: "task", props: task }]);
      expect(found.map(({ policy: name }) => name)).to.deep.equal([policy]);
      expect(JSON.stringify(found)).not.to.contain("hunter2");
    });

    it("looks into the variables of a build that are plain text", () => {
      const build = (type?: string) => ({
        tags: { project: "a", environment: "b", owner: "c" },
        environment: { environmentVariables: [{ name: "API_TOKEN", value: "x", type }] },
      });
      const found = (props: object) => check([{ type: "aws:codebuild/project:Project", name: "build", props }]).length;
      expect([found(build()), found(build("PLAINTEXT")), found(build("SECRETS_MANAGER"))]).to.deep.equal([1, 1, 0]);
    });

    it("does not say what is in variables of a wrong type", () => {
      const stack = compliantStack();
      stack.find(({ name }) => name === "worker")!.props.environment = { variables: "API_KEY=hunter2" };
      const found = check(stack, { changed: "worker" });
      expect(found.map(({ what }) => what).join())
        .to.match(/`environment\.variables` must be an object, but is a string/)
        .and.not.contain("hunter2");
    });
  });
});
