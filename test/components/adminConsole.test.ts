import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { AdminConsole, type AdminConsoleArgs } from "../../components";
import { account, record, region, settled } from "../support/record";
import { refusedProperties } from "../support/refusal";

const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const distributionType = "aws:cloudfront/distribution:Distribution";
const objectType = "aws:s3/bucketObjectv2:BucketObjectv2";

describe("AdminConsole", () => {
  let site: string;
  let args: AdminConsoleArgs;

  beforeEach(() => {
    site = mkdtempSync(path.join(tmpdir(), "site-"));
    mkdirSync(path.join(site, "assets"));
    for (const file of ["index.html", "favicon.svg", "assets/index-B_x1.js", "assets/index-C.css", ".built-from"]) {
      writeFileSync(path.join(site, file), file);
    }
    args = {
      siteDirectory: site,
      api: { restApiId: "abc123", stageName: "live" },
      signIn: { userPoolId: "pool", userPoolClientId: "client" },
      domainName: "console.example.com",
      certificateArn,
    };
  });
  afterEach(() => rmSync(site, { recursive: true }));

  const recorded = (more: Partial<AdminConsoleArgs> = {}) =>
    record(() => new AdminConsole("console", { ...args, ...more }));
  const policyOf = async (name: string) =>
    JSON.parse((await recorded()).one("aws:s3/bucketPolicy:BucketPolicy", name).inputs.policy).Statement;

  it("lets nobody but its own distribution read its bucket, and nobody by plain HTTP", async () => {
    const [refused, allowed, ...more] = await policyOf("console-site-policy");
    expect(more).to.deep.equal([]);
    expect(refused).to.deep.include({ Effect: "Deny", Principal: "*", Action: "s3:*" });
    expect(allowed).to.deep.equal({
      Sid: "ReadByTheDistribution",
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:${region}:${account}:console-site-bucket-0000000/*`,
      Condition: {
        StringEquals: { "AWS:SourceArn": `arn:aws:cloudfront:${region}:${account}:console-distribution-0000000` },
      },
    });
    const { one, all } = await recorded();
    expect(one("aws:cloudfront/originAccessControl:OriginAccessControl").inputs).to.deep.include({
      originAccessControlOriginType: "s3",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    });
    for (const block of all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")) {
      const { bucket, ...flags } = block.inputs;
      expect(Object.values(flags), bucket).to.deep.equal([true, true, true, true]);
    }
  });

  it("serves the page from the bucket and the API from its stage, which keeps nothing and gets the token", async () => {
    const { origins, defaultCacheBehavior, orderedCacheBehaviors, customErrorResponses, httpVersion, aliases } = (
      await recorded()
    ).one(distributionType).inputs;
    expect(origins[0]).to.deep.include({ originId: "site", originAccessControlId: "console-access-0000000" });
    expect(origins[1]).to.deep.equal({
      originId: "api",
      domainName: "abc123.execute-api.eu-central-1.amazonaws.com",
      originPath: "/live",
      customOriginConfig: {
        ...{ httpPort: 80, httpsPort: 443, originProtocolPolicy: "https-only", originSslProtocols: ["TLSv1.2"] },
      },
    });
    expect(defaultCacheBehavior).to.deep.include({ targetOriginId: "site", compress: true });
    expect(orderedCacheBehaviors).to.have.length(1);
    expect(orderedCacheBehaviors[0]).to.deep.include({
      pathPattern: "/api/*",
      targetOriginId: "api",
      cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      originRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    });
    // Or the API's own 403 and 404 would become the page.
    expect(customErrorResponses).to.equal(undefined);
    expect([httpVersion, aliases]).to.deep.equal(["http2and3", ["console.example.com"]]);
  });

  it("has a content security policy without a way in, on the API's answers too", async () => {
    const { one } = await recorded();
    const { securityHeadersConfig } = one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").inputs;
    const csp: string = securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy;
    expect(csp).to.match(/^default-src 'none'; /);
    expect(csp).to.include("script-src 'self';").and.include("style-src 'self';").and.include("frame-ancestors 'none'");
    expect(csp).to.include("connect-src 'self' https://cognito-idp.eu-central-1.amazonaws.com;");
    expect(csp).not.to.match(/unsafe|\*|data:|http:/);
    expect(securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec).to.equal(63_072_000);
    const { defaultCacheBehavior, orderedCacheBehaviors } = one(distributionType).inputs;
    for (const { responseHeadersPolicyId } of [defaultCacheBehavior, ...orderedCacheBehaviors]) {
      expect(responseHeadersPolicyId).to.equal("console-headers-0000000");
    }
  });

  it("uploads every file with its type; for ever what is named by its content, index.html when all else is there", async () => {
    const files = (await recorded())
      .all(objectType)
      .filter(({ inputs }) => inputs.key !== "config.json")
      .map(({ inputs: { key, contentType, cacheControl } }) => [key, contentType, cacheControl]);
    expect(files).to.have.deep.members([
      ["assets/index-B_x1.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
      ["assets/index-C.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"],
      ["favicon.svg", "image/svg+xml", "no-cache"],
      ["index.html", "text/html; charset=utf-8", "no-cache"],
    ]);
    expect(files.at(-1)?.[0]).to.equal("index.html");
  });

  it("tells the page where it belongs", async () => {
    const { inputs } = (await recorded()).one(objectType, "console-config");
    expect(JSON.parse(inputs.content)).to.deep.equal({
      apiUrl: "/api",
      region: "eu-central-1",
      userPoolId: "pool",
      userPoolClientId: "client",
      cognitoEndpoint: "https://cognito-idp.eu-central-1.amazonaws.com",
    });
    expect([inputs.key, inputs.contentType, inputs.cacheControl]).to.deep.equal([
      ...["config.json", "application/json", "no-cache"],
    ]);
  });

  it("delivers its access logs from us-east-1 into a bucket that only log delivery writes to, for 90 days", async () => {
    const { one } = await recorded();
    for (const type of ["Source", "Destination", ""]) {
      expect(one(`aws:cloudwatch/logDelivery${type}:LogDelivery${type}`).inputs.region).to.equal("us-east-1");
    }
    const [, allowed] = await policyOf("console-logs-policy");
    expect(allowed.Principal).to.deep.equal({ Service: "delivery.logs.amazonaws.com" });
    expect(allowed.Condition.StringEquals["aws:SourceAccount"]).to.equal(account);
    const { rules } = one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs;
    expect(rules[0].expiration).to.deep.equal({ days: 90 });
  });

  it("takes TLS 1.2 at least with a certificate of one's own, and says where it is", async () => {
    const { one, result } = await recorded();
    expect(one(distributionType).inputs.viewerCertificate).to.deep.equal({
      acmCertificateArn: certificateArn,
      sslSupportMethod: "sni-only",
      minimumProtocolVersion: "TLSv1.2_2021",
    });
    expect(await settled(result.url)).to.equal("https://console.example.com");
  });

  it("can do without a domain of its own", async () => {
    const { one } = await recorded({ domainName: undefined, certificateArn: undefined });
    expect(one(distributionType).inputs).to.deep.include({
      aliases: [],
      viewerCertificate: { cloudfrontDefaultCertificate: true },
    });
  });

  const refusals: [what: string, change: Partial<AdminConsoleArgs>, property: string, reason: RegExp][] = [
    ["a console that was not built", { siteDirectory: "/nowhere" }, "siteDirectory", /npm run build:console/],
    ["a domain without a certificate", { certificateArn: undefined }, "certificateArn", /is needed with/],
    ["a certificate without a domain", { domainName: undefined }, "domainName", /is needed with/],
    ["a URL for a domain", { domainName: "https://console.example.com" }, "domainName", /must be a domain name/],
    [
      "a certificate of another region",
      { certificateArn: certificateArn.replace("us-east-1", region) },
      "certificateArn",
      /us-east-1/,
    ],
    ["no days of logs", { accessLogDays: 0 }, "accessLogDays", /from 1 to 3650/],
  ];
  for (const [what, change, property, reason] of refusals) {
    it(`refuses ${what}`, async () => {
      const refused = await refusedProperties(() => new AdminConsole("console", { ...args, ...change }));
      expect(Object.keys(refused)).to.deep.equal([property]);
      expect(refused[property]).to.match(reason);
    });
  }

  it("refuses a file whose content type it does not know", async () => {
    writeFileSync(path.join(site, "assets", "model.bin"), "");
    const refused = await refusedProperties(() => new AdminConsole("console", args));
    expect(refused.siteDirectory).to.match(/assets\/model\.bin/);
  });
});
