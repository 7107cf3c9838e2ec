import { expect } from "chai";
import { type SinonStub, stub } from "sinon";
import { routes } from "../../../components/api/routes";
import { desiredOf, objectOf } from "../../../functions/api/json";
import { pageToken, positionOf } from "../../../functions/api/pageToken";
import { type Refusal, refusalOf } from "../../../functions/api/problem";
import { maximumBody } from "../../../functions/api/request";
import { type Asked, ask } from "./apiHelp";

const refusedWith = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as Refusal).problem;
  }
  throw new Error("it was not refused");
};
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

describe("JSON from a caller", () => {
  const refused: [string, string, RegExp][] = [
    ["what is no JSON", "{", /is not JSON/],
    ["a list", "[]", /must be a JSON object/],
    ["null", "null", /must be a JSON object/],
    ["a text", '"x"', /must be a JSON object/],
    ["__proto__", '{"__proto__":{"admin":true}}', /^__proto__ is not a key to use/],
    ["__proto__ further in", '{"a":{"b":[{"__proto__":1}]}}', /^a\.b\.0\.__proto__ /],
    ["__proto__, escaped", '{"\\u005f_proto__":1}', /^__proto__ /],
    ["constructor", '{"a":{"constructor":{}}}', /^a\.constructor /],
    ["prototype", '{"prototype":1}', /^prototype /],
    ["a number beyond a double", '{"a":1e309}', /number 1e309/],
    ["a number below a double", '{"a":-1e400}', /number -1e400/],
    ["a number nearer to zero than a double", '{"a":1e-400}', /number 1e-400/],
    ["32,000 levels", `{"desired":${"[".repeat(32_000)}${"]".repeat(32_000)}}`, /more than 32 levels/],
    ["a whole number beyond 2^53 - 1", '{"a":[9007199254740993]}', /number 9007199254740993/],
    ["a large whole number with an exponent", '{"a":1e20}', /number 1e20/],
  ];
  for (const [what, text, reason] of refused) {
    it(`is refused with ${what}`, () => {
      const problem = refusedWith(() => objectOf(text));
      expect(problem).to.include({ status: 400, type: "urn:thingstack:problem:malformed" });
      expect(problem.detail.replace(/^body /, "")).to.match(reason);
    });
  }

  const taken: [string, string][] = [
    ["numbers in texts", '{"a":"1e309 \\" 9007199254740993"}'],
    ["the largest safe number", '{"a":9007199254740991}'],
    ["zeros of any kind", '{"a":[0,-0.0,0e10,0.000]}'],
    ["fractions", '{"a":[0.1,-1.5e-7,1e15]}'],
    ["keys that only look like others", '{"proto":1,"constructors":2,"__proto":3}'],
  ];
  for (const [what, text] of taken) {
    it(`is taken with ${what}`, () => expect(objectOf(text)).to.deep.equal(JSON.parse(text)));
  }
});

describe("a change of what is desired", () => {
  const refused: [string, object, number, RegExp][] = [
    ["nothing", {}, 400, /desired must be an object/],
    ["a list", { desired: [] }, 400, /desired must be an object/],
    ["null, which would clear all of it", { desired: null }, 400, /desired must be an object/],
    ["seven levels", { desired: nested(7) }, 400, /more than 6 levels/],
    ["seven levels, one a list", { desired: { a: [nested(5)] } }, 400, /more than 6 levels/],
    ["very many levels", { desired: nested(5000) }, 400, /more than 6 levels/],
    ["more than 8 KB", { desired: { a: "x".repeat(8185) } }, 413, /8193 bytes; a shadow takes 8192/],
    ["more than 8 KB of UTF-8", { desired: { a: "ä".repeat(5000) } }, 413, /10008 bytes/],
    ["null in a list", { desired: { a: { b: [1, null] } } }, 400, /desired\.a\.b is a list with null/],
    ["something beside it", { desired: {}, reported: {} }, 400, /reported is not known/],
  ];
  for (const [what, body, status, reason] of refused) {
    it(`is refused with ${what}`, () => {
      const problem = refusedWith(() => desiredOf(body as never));
      expect(problem.status).to.equal(status);
      expect(problem.detail).to.match(reason);
    });
  }
  for (const [what, desired] of [
    ["nothing to change", {}],
    ["six levels", nested(6)],
    ["exactly 8 KB", { a: "x".repeat(8184) }],
    ["null, which takes a property away", { a: null, b: { c: null } }],
  ] as [string, object][]) {
    it(`is taken with ${what}`, () => expect(desiredOf({ desired })).to.deep.equal(desired));
  }
});

describe("a page token", () => {
  const list = ["things", "sub-1", "cooler"];
  const token = pageToken(["cooler-9", "ä"], list);

  it("leads back to its position", () => expect(positionOf(token, list, 2)).to.deep.equal(["cooler-9", "ä"]));

  const refused: [string, string, string[], number][] = [
    ["made up", "bm8", list, 2],
    ["no base64url", "!!", list, 2],
    ["JSON without a checksum", Buffer.from('["cooler-9","ä"]').toString("base64url"), list, 2],
    ["of another position", token.replace(/.{4}$/, "AAAA"), list, 2],
    ["of another caller's list", token, ["things", "sub-2", "cooler"], 2],
    ["of another query", token, ["things", "sub-1", ""], 2],
    ["of another kind of list", token, list, 3],
    ["very long", "A".repeat(100_000), list, 2],
  ];
  for (const [what, text, of, parts] of refused) {
    it(`is refused when it is ${what}`, () => {
      expect(refusedWith(() => positionOf(text, of, parts))).to.include({
        status: 400,
        type: "urn:thingstack:problem:invalid-page-token",
      });
    });
  }
});

describe("an answer", () => {
  let error: SinonStub;
  let info: SinonStub;
  beforeEach(() => {
    error = stub(console, "error");
    info = stub(console, "info");
  });
  afterEach(() => {
    error.restore();
    info.restore();
  });
  const me = async () => ({ body: { sub: "s", username: "u", groups: [], isAdmin: false } });

  it("is JSON, never cached, and logged with the request's id", async () => {
    const { headers } = await ask("whoami", me);
    expect(headers).to.include({ "cache-control": "no-store", "x-request-id": "r-1" });
    expect(JSON.parse(info.firstCall.args[0])).to.include({ message: "answered", requestId: "r-1", status: 200 });
  });

  it("tells nothing of what broke on our side, and the log all", async () => {
    const broken = async () => {
      throw new TypeError("secret of /var/task/index.js");
    };
    const { status, body } = await ask("whoami", broken);
    expect(status).to.equal(500);
    expect(JSON.stringify(body)).not.to.match(/secret|TypeError|task/);
    const line = JSON.parse(error.firstCall.args[0]);
    expect(line).to.include({ requestId: "r-1", reason: "TypeError: secret of /var/task/index.js" });
    expect(line.stack).to.match(/kernel\.test/);
  });

  for (const name of ["ThrottlingException", "ProvisionedThroughputExceededException", "SlowDown"]) {
    it(`asks to come again when AWS says ${name}`, async () => {
      const busy = async () => {
        throw Object.assign(new Error("too much"), { name });
      };
      const { status, headers } = await ask("whoami", busy);
      expect(status).to.equal(503);
      expect(headers["retry-after"]).to.equal("1");
    });
  }

  it("is a problem even for what is no error", () => expect(refusalOf(undefined).problem.status).to.equal(500));

  it("asks who is there before anything else", async () => {
    const { status } = await ask("whoami", me, { event: { requestContext: { requestId: "r-1" } } });
    expect(status).to.equal(401);
  });

  const bodies: [string, Asked, number][] = [
    ["no body", { body: undefined, headers: { "content-type": "application/json" } }, 400],
    ["no content type", { body: "{}", headers: { "Content-Type": undefined } }, 415],
    ["another content type", { body: "{}", headers: { "Content-Type": "text/plain" } }, 415],
    ["another character set", { body: "{}", headers: { "Content-Type": "application/json; charset=utf-16" } }, 415],
    ["a form", { body: "a=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } }, 415],
    ["64 KB and more", { body: " ".repeat(maximumBody + 1) }, 413],
    ["a large body of base64", { body: "A".repeat(2 * maximumBody), event: { isBase64Encoded: true } }, 413],
  ];
  for (const [what, asked, expected] of bodies) {
    it(`to ${what} is ${expected}`, async () => {
      const { status } = await ask("whoami", async (request) => ({ body: objectOf(request.body()) }), asked);
      expect(status).to.equal(expected);
    });
  }

  it("takes JSON in UTF-8 by any spelling, and base64 where API Gateway sends it", async () => {
    for (const type of ["application/json", "Application/JSON;charset=UTF-8", 'application/json; charset="utf-8"']) {
      const event = { isBase64Encoded: true, headers: { "CONTENT-TYPE": type } };
      const seen: unknown[] = [];
      const route = async (request: { body(): string }) => {
        seen.push(objectOf(request.body()));
        return me();
      };
      await ask("whoami", route, { body: Buffer.from('{"a":"ä"}').toString("base64"), event });
      expect(seen).to.deep.equal([{ a: "ä" }]);
    }
  });
});

describe("the table of routes", () => {
  it("has the routes of the contract, each once", () => {
    const table = routes.map(({ method, path, operationId, adminOnly = false }) => [
      method,
      path,
      operationId,
      adminOnly,
    ]);
    expect(table).to.deep.equal([
      ["GET", "/whoami", "whoami", false],
      ["GET", "/things", "listThings", false],
      ["GET", "/things/{thingName}", "getThing", false],
      ["PATCH", "/things/{thingName}/desired", "setDesired", false],
      ["GET", "/anomalies", "listAnomalies", false],
      ["GET", "/things/{thingName}/anomalies", "anomalyHistory", false],
      ["POST", "/things/{thingName}/anomalies/{kind}/acknowledge", "acknowledgeAnomaly", false],
      ["GET", "/things/{thingName}/telemetry", "telemetrySummary", false],
      ["GET", "/releases", "listReleases", true],
      ["GET", "/releases/{app}/{jobId}", "getRelease", true],
      ["POST", "/releases", "publishRelease", true],
      ["POST", "/releases/{app}/{jobId}/cancel", "cancelRelease", true],
    ]);
  });

  it("describes every parameter of each path", () => {
    for (const { path, parameters = [], operationId } of routes) {
      const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => `{${name}}`);
      expect(inPath, operationId).to.deep.equal(path.match(/\{\w+\}/g) ?? []);
    }
  });
});
