import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import fc from "fast-check";
import { type EventKind, generateEvent, NotSelectedError } from "../../../operations/invoke/events";
import { invokeFunction } from "../../../operations/invoke/invokeFunction";
import type { ProgramFunction } from "../../../operations/invoke/program";
import { SetError, setPath } from "../../../operations/invoke/setPath";

const target = (more: Partial<ProgramFunction> = {}): ProgramFunction => ({
  name: "test",
  logicalName: "test-function",
  description: "",
  code: "",
  handler: "__index.handler",
  timeout: 5,
  memorySize: 128,
  ...more,
});

describe("npm run invoke", () => {
  describe("--set", () => {
    const cases: [assignment: string, before: unknown, after: unknown][] = [
      ["a=1", {}, { a: 1 }],
      ["a.b.c=true", {}, { a: { b: { c: true } } }],
      ["a=text", {}, { a: "text" }],
      ["a=", {}, { a: "" }],
      ["a=b=c", {}, { a: "b=c" }],
      ['a="1"', {}, { a: "1" }],
      ['a={"b":[1]}', {}, { a: { b: [1] } }],
      ["a[1].b=2", {}, { a: [undefined, { b: 2 }] }],
      ["Records[0].x=1", { Records: [{ y: 2 }] }, { Records: [{ x: 1, y: 2 }] }],
      ["a.b=1", { a: "text" }, { a: { b: 1 } }],
      ["Content-Type=x", {}, { "Content-Type": "x" }],
    ];
    for (const [assignment, before, after] of cases) {
      it(`${assignment} on ${JSON.stringify(before)}`, () => {
        const event = structuredClone(before);
        setPath(event, assignment);
        expect(event).to.deep.equal(after);
      });
    }

    for (const wrong of ["a", "=1", "a..b=1", "a[x]=1", ".a=1", "[0]=1", "__proto__.x=1", "a.constructor=1"]) {
      it(`refuses ${wrong}`, () => {
        expect(() => setPath({}, wrong)).to.throw(SetError, wrong.split("=")[0] || "path=value");
      });
    }

    it("never touches JavaScript's own objects, whatever the path", () => {
      fc.assert(
        fc.property(fc.string(), fc.string(), (path, value) => {
          try {
            setPath({}, `${path}=${value}`);
          } catch (error) {
            expect(error).to.be.instanceOf(SetError);
          }
          expect(Object.keys(Object.prototype)).to.deep.equal([]);
        }),
      );
    });
  });

  describe("--event", () => {
    const generate = (kind: EventKind, more: Partial<ProgramFunction> = {}, set: string[] = [], topic?: string) =>
      generateEvent(kind, target(more), {
        set,
        topic,
        region: "eu-central-1",
        accountId: "123456789012",
        now: 1e12,
        // biome-ignore lint/suspicious/noExplicitAny: events of all kinds.
      }) as any;

    it("iot is what the function's rule selects from the message", () => {
      const ruleSql = "SELECT state.reported.t AS t, topic(3) AS deviceId FROM '$aws/things/+/shadow/update/accepted'";
      const set = ["state.reported.t=30"];
      expect(generate("iot", { ruleSql }, set)).to.deep.equal({ t: 30, deviceId: "thing-1" });
      const topic = "$aws/things/cooler-9/shadow/update/accepted";
      expect(generate("iot", { ruleSql }, set, topic)).to.deep.equal({ t: 30, deviceId: "cooler-9" });
    });

    it("iot says so when the rule's WHERE is not true", () => {
      const ruleSql = "SELECT * FROM 'a/+' WHERE hot = True";
      expect(() => generate("iot", { ruleSql })).to.throw(NotSelectedError, /WHERE hot = True(.|\n)*--set/);
      expect(generate("iot", { ruleSql }, ["hot=true"])).to.include({ hot: true });
    });

    it("iot without a rule is the message", () => {
      expect(generate("iot", {}, ["a=1"])).to.include({ a: 1 });
    });

    it("kinesis has its data in Base64", () => {
      const data = (event: { Records: { kinesis: { data: string } }[] }) =>
        Buffer.from(event.Records[0]!.kinesis.data, "base64").toString();
      expect(data(generate("kinesis", {}, ['Records[0].kinesis.data={"t":1}']))).to.equal('{"t":1}');
      expect(data(generate("kinesis", {}, ["Records[0].kinesis.data=not JSON"]))).to.equal("not JSON");
    });

    it("dynamodb has the keys of the table, in DynamoDB's types", () => {
      const [{ dynamodb }] = generate("dynamodb", { tableKeys: ["deviceId", "kind"] }, [
        "Records[0].dynamodb.NewImage.openedAt=5",
      ]).Records;
      expect(dynamodb.Keys).to.deep.equal({ deviceId: { S: "thing-1" }, kind: { S: "generated-kind" } });
      expect(unmarshall(dynamodb.NewImage)).to.deep.equal({ deviceId: "thing-1", kind: "generated-kind", openedAt: 5 });
    });

    it("s3 names bucket and object", () => {
      const [record] = generate("s3", {}, ["Records[0].s3.object.key=releases/app/2.0.json"]).Records;
      expect(record.s3.object.key).to.equal("releases/app/2.0.json");
      expect(record.eventName).to.equal("ObjectCreated:Put");
    });

    it("api has its body as text, and headers in both forms", () => {
      const event = generate("api", {}, ['body={"a":1}', "httpMethod=PATCH", "pathParameters.thingName=x"]);
      expect(event).to.include({ body: '{"a":1}', httpMethod: "PATCH" });
      expect(event.requestContext.httpMethod).to.equal("PATCH");
      expect(event.pathParameters).to.deep.equal({ thingName: "x" });
      expect(event.multiValueHeaders.Accept).to.deep.equal(["application/json"]);
    });
  });

  describe("the process", () => {
    const deployed = { functionName: "test-1234567", functionArn: "arn", environment: { SETTING: "on" } };

    async function call(code: string, more: Partial<ProgramFunction> = {}) {
      const lines: string[] = [];
      const outcome = await invokeFunction(target({ code, ...more }), { n: 20 }, deployed, (line) => lines.push(line));
      return { lines, ...outcome };
    }

    it("gives the event, the context and the settings, and takes result and logs", async () => {
      const { result, lines, run, maximumMemory } = await call(`
        exports.handler = async (event, context) => {
          console.log("one");
          console.error("two");
          process.stdout.write("no end of line");
          return [event.n, process.env.SETTING, context.functionName, context.getRemainingTimeInMillis() > 4000,
            process.env.AWS_LAMBDA_FUNCTION_NAME, Object.keys(process.env).includes("HOME")];
        };`);
      expect(result).to.deep.equal([20, "on", "test-1234567", true, "test-1234567", false]);
      expect(lines).to.have.members(["one", "two", "no end of line"]);
      expect(run).to.be.greaterThan(0);
      expect(maximumMemory).to.be.greaterThan(1e6);
    });

    const failures: [what: string, code: string, type: string, message: RegExp, timeout?: number][] = [
      ["throws", "exports.handler = async () => { throw new RangeError('too far'); }", "RangeError", /too far/],
      ["throws no error", "exports.handler = async () => { throw 'text'; }", "string", /text/],
      ["does not load", "throw new Error('early')", "Error", /early/],
      ["does not parse", "exports.handler = (", "SyntaxError", /./],
      ["has no handler", "exports.other = 1", "TypeError", /handler is not a function/],
      ["needs a package Lambda has not", "require('mocha')", "Error", /Cannot find module 'mocha'/],
      [
        "leaves a rejection",
        "exports.handler = () => { Promise.reject(new Error('left')); return new Promise(() => {}); }",
        "Error",
        /left/,
      ],
      ["takes too long", "exports.handler = () => new Promise(() => {})", "Sandbox.Timedout", /after 1.00 seconds/, 1],
    ];
    for (const [what, code, type, message, timeout = 5] of failures) {
      it(`tells of a function that ${what}`, async () => {
        const { error, result } = await call(code, { timeout });
        expect(result).to.equal(undefined);
        expect(error?.errorType).to.equal(type);
        expect(error?.errorMessage).to.match(message);
      });
    }

    it("tells of a function that ends its process", async () => {
      const failed = await call("exports.handler = async () => { console.log('bye'); process.exit(3); }").catch(
        (error: Error) => error,
      );
      expect(String(failed)).to.match(/ended with code 3 and told no result; its last line was: bye/);
    });
  });
});
