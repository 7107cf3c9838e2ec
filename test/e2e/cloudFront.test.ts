import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect } from "chai";
import { AdminConsole } from "../../components";
import { deploy } from "../../sandbox/deploy/inProcess";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";

const script = `console.log(${JSON.stringify("a script that is worth compressing ".repeat(100))});`;

describe("the local cloud's CloudFront, with the console behind it", () => {
  let cloud: LocalCloud;
  let site: string;
  let outputs: Readonly<Record<string, { value: unknown }>>;

  before(async () => {
    site = mkdtempSync(path.join(tmpdir(), "site-"));
    mkdirSync(path.join(site, "assets"));
    writeFileSync(path.join(site, "index.html"), "<!doctype html><title>console</title>");
    writeFileSync(path.join(site, "assets", "index-1.js"), script);
    cloud = await startLocalCloud({ region: "eu-central-1" });
    ({ outputs } = await deploy({
      project: "fixture",
      stack: "test",
      config: { "aws:region": "eu-central-1" },
      cloud,
      program: async () => {
        const { distribution, site: files } = new AdminConsole("console", {
          siteDirectory: site,
          api: { restApiId: "none", stageName: "live" },
          signIn: { userPoolId: "pool", userPoolClientId: "client" },
        });
        return { domainName: distribution.domainName, bucketName: files.bucket.bucket };
      },
    }));
  });
  after(async () => {
    await cloud?.stop();
    rmSync(site, { recursive: true, force: true });
  });

  /** As `fetch`, which would decompress, and does not let one say the host. */
  const ask = (path: string, headers: Record<string, string> = {}, base = cloud.cloudFrontUrl) =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get(`${base}${path}`, { headers }, resolve).on("error", reject);
    });
  const bytes = async (answer: http.IncomingMessage) => Buffer.concat(await answer.toArray());

  for (const address of ["/", "/anomalies", "/things/cooler-1"]) {
    it(`answers ${address} with the page`, async () => {
      const answer = await ask(address);
      expect([answer.statusCode, answer.headers["content-type"]]).to.deep.equal([200, "text/html; charset=utf-8"]);
      expect(answer.headers["cache-control"]).to.equal("no-cache");
      expect(await text(answer)).to.include("<title>console</title>");
    });
  }

  it("makes the page neither of a file that is missing nor of an error of the API", async () => {
    const missing = await ask("/assets/none.js");
    expect(missing.statusCode).to.equal(403);
    expect(await text(missing)).to.include("AccessDenied");
    const api = await ask("/api/things");
    expect([api.statusCode, api.headers["content-type"]]).to.deep.equal([404, "application/json"]);
    expect(await text(api)).not.to.include("<title>");
  });

  it("is the only one who may read the bucket", async () => {
    const answer = await ask(`/${outputs.bucketName?.value}/index.html`, {}, cloud.endpoint);
    expect(answer.statusCode).to.equal(403);
    answer.resume();
  });

  it("puts the security headers on every answer", async () => {
    for (const path of ["/", "/assets/index-1.js", "/assets/none.js", "/api/things"]) {
      const { headers } = (await ask(path)).resume();
      expect(headers["content-security-policy"], path).to.match(/^default-src 'none'; script-src 'self'; /);
      expect(headers["strict-transport-security"], path).to.equal("max-age=63072000; includeSubDomains");
      expect(headers["x-content-type-options"], path).to.equal("nosniff");
      expect(headers["x-frame-options"], path).to.equal("DENY");
      expect(headers["referrer-policy"], path).to.equal("no-referrer");
    }
  });

  for (const [accepted, encoding, decompress] of [
    ["gzip, br", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
  ] as const) {
    it(`compresses by ${encoding} for who takes ${accepted}`, async () => {
      const answer = await ask("/assets/index-1.js", { "accept-encoding": accepted });
      expect(answer.headers["content-encoding"]).to.equal(encoding);
      expect(answer.headers.vary).to.equal("Accept-Encoding");
      expect(answer.headers["cache-control"]).to.equal("public, max-age=31536000, immutable");
      const body = await bytes(answer);
      expect(body.length).to.be.lessThan(script.length / 4);
      expect(decompress(body).toString()).to.equal(script);
    });
  }

  it("leaves what is small, and what nobody wants compressed, as it is", async () => {
    const [small, plain] = [await ask("/", { "accept-encoding": "br" }), await ask("/assets/index-1.js")];
    expect([small.headers["content-encoding"], plain.headers["content-encoding"]]).to.deep.equal([
      undefined,
      undefined,
    ]);
    small.resume();
    expect(await text(plain)).to.equal(script);
  });

  it("tells a browser that has it that nothing has changed, by the tag it gave with the compressed one", async () => {
    const { etag = "" } = (await ask("/assets/index-1.js", { "accept-encoding": "br" })).resume().headers;
    expect(etag).to.match(/^W\/"/);
    expect((await ask("/assets/index-1.js", { "if-none-match": etag })).resume().statusCode).to.equal(304);
  });

  it("tells the page where sign-in is here, on its own origin", async () => {
    const config = JSON.parse(await text(await ask("/config.json")));
    expect(config).to.deep.equal({
      apiUrl: "/api",
      region: "eu-central-1",
      userPoolId: "pool",
      userPoolClientId: "client",
      cognitoEndpoint: "/_aws/cognito-idp",
    });
    const refused = await fetch(`${cloud.cloudFrontUrl}${config.cognitoEndpoint}`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
      },
      body: JSON.stringify({ AuthFlow: "USER_PASSWORD_AUTH", ClientId: "none", AuthParameters: {} }),
    });
    expect(refused.status).to.equal(400);
    expect(((await refused.json()) as { __type: string }).__type).to.match(/Exception$/);
  });

  it("is still needed: MiniStack itself serves a distribution uncompressed", async () => {
    const host = String(outputs.domainName?.value);
    const answer = await ask("/assets/index-1.js", { host, "accept-encoding": "br" }, cloud.endpoint);
    expect([answer.statusCode, answer.headers["content-encoding"]]).to.deep.equal([200, undefined]);
    answer.resume();
  });
});
