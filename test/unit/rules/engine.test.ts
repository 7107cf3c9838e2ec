import { expect } from "chai";
import type { RulesEngine } from "../../../sandbox/rules";
import { createEngine, keepingAction, rulePayload } from "./ruleHelp";

const keep = { keep: { place: "p/${topic(2)}" } };

function create() {
  const keeping = keepingAction();
  const reporting = keepingAction();
  const engine = createEngine({
    kinds: { keep: keeping.kind, report: { ...reporting.kind, failedAction: "ReportAction" } },
  });
  const happened: string[] = [];
  const name = (event: string) => (what: { rule: string; resource?: string }) =>
    happened.push([event, what.rule, what.resource].filter(Boolean).join(" "));
  engine.events.on("matched", name("matched"));
  engine.events.on("actionSucceeded", name("ok"));
  engine.events.on("actionFailed", name("failed"));
  engine.events.on("errorActionSucceeded", name("reported"));
  engine.events.on("errorActionFailed", name("report failed"));
  engine.events.on("evaluationFailed", name("not evaluated"));
  const dispatch = async (topic: string, json: unknown) => {
    engine.dispatch({ topic, payload: Buffer.isBuffer(json) ? json : Buffer.from(JSON.stringify(json)) });
    await engine.settled();
  };
  return { engine, keeping, reporting, happened, dispatch };
}

describe("the rules engine", () => {
  it("hands the result of SELECT to the actions when WHERE is true, and counts", async () => {
    const { engine, keeping, happened, dispatch } = create();
    const { counters } = engine.put("r", rulePayload("SELECT n FROM 'a/+' WHERE f = True", [keep, keep]));
    for (const f of [true, false, "true", 1, null, undefined]) await dispatch("a/x", { n: 1, f });
    await dispatch("b/x", { n: 1, f: true });
    expect(keeping.outputs).to.deep.equal([{ n: 1 }, { n: 1 }]);
    expect(happened).to.deep.equal(["matched r", "ok r p/x", "ok r p/x"]);
    expect(counters).to.include({ received: 6, matched: 1, actionsSucceeded: 2, actionsFailed: 0 });
  });

  it("fires for True and for the string true, and for nothing else", async () => {
    const { engine, keeping, dispatch } = create();
    engine.put("r", rulePayload("SELECT f FROM 'a' WHERE f", [keep]));
    for (const f of [true, "TRUE", 1, "yes", {}, null]) await dispatch("a", { f });
    expect(keeping.outputs).to.deep.equal([{ f: true }, { f: "TRUE" }]);
  });

  it("passes a payload on with a bare *, whatever it is", async () => {
    const { engine, keeping, dispatch, happened } = create();
    engine.put("r", rulePayload("SELECT * FROM 'a'", [keep]));
    for (const json of [{}, [1], "text", 5, null, { a: null }]) await dispatch("a", json);
    expect(keeping.outputs).to.deep.equal([{}, [1], "text", 5, null, { a: null }]);
    await dispatch("a", Buffer.from("no json"));
    expect(happened.at(-1)).to.equal("failed r p/");
  });

  it("tells the error action once of all failures of a message", async () => {
    const { engine, keeping, reporting, happened, dispatch } = create();
    const payload = rulePayload("SELECT n FROM 'a/+'", [keep, keep, keep], {
      errorAction: { report: { place: "dlq" } },
    });
    const { counters } = engine.put("r", payload);
    const refusal = Object.assign(new Error("no such table"), {
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 400, requestId: "id-1" },
    });
    keeping.failures.push(refusal, new Error("second"));
    await dispatch("a/x", { n: 1 });
    expect(reporting.outputs).to.deep.equal([
      {
        ruleName: "r",
        topic: "a/x",
        cloudwatchTraceId: "uuid-1",
        clientId: "N/A",
        base64OriginalPayload: Buffer.from('{"n":1}').toString("base64"),
        failures: [
          {
            failedAction: "KeepAction",
            failedResource: "p/x",
            errorMessage:
              "Failed to keep message. The error received was no such table (Status Code: 400; " +
              "Error Code: ResourceNotFoundException; Request ID: id-1). " +
              "Message arrived on: a/x, Action: keep, Resource: p/x",
          },
          {
            failedAction: "KeepAction",
            failedResource: "p/x",
            errorMessage:
              "Failed to keep message. The error received was second. " +
              "Message arrived on: a/x, Action: keep, Resource: p/x",
          },
        ],
      },
    ]);
    expect(happened).to.deep.equal(["matched r", "failed r p/x", "failed r p/x", "ok r p/x", "reported r dlq"]);
    expect(counters).to.include({ actionsSucceeded: 1, actionsFailed: 2, errorActionsSucceeded: 1 });
    await dispatch("a/x", { n: 2 });
    expect(reporting.outputs, "no failure, no report").to.have.lengthOf(1);
  });

  it("says and counts it when the error action fails", async () => {
    const { engine, keeping, reporting, happened, dispatch } = create();
    const payload = rulePayload("SELECT n FROM 'a/+'", [keep], { errorAction: { report: { place: "dlq" } } });
    const { counters } = engine.put("r", payload);
    keeping.failures.push(new Error("first"));
    reporting.failures.push(new Error("and no report"));
    await dispatch("a/x", {});
    expect(happened.slice(1)).to.deep.equal(["failed r p/x", "report failed r dlq"]);
    expect(counters).to.include({ actionsFailed: 1, errorActionsSucceeded: 0, errorActionsFailed: 1 });
  });

  it("survives a message that is nested too deeply to be handled", async () => {
    const { engine, happened, dispatch } = create();
    engine.put("evaluate", rulePayload("SELECT length(*) AS l FROM 'a'", [keep]));
    engine.put("fill_in", rulePayload("SELECT 1 AS x FROM 'a'", [{ keep: { place: "${deep}" } }]));
    const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
    await dispatch("a", Buffer.from(`{"deep":${deep}}`));
    expect(happened).to.have.members(["not evaluated evaluate", "matched fill_in", "failed fill_in"]);
    expect(engine.get("evaluate")!.counters.evaluationsFailed).to.equal(1);
  });

  it("has no rule for $aws topics in a leading wildcard", async () => {
    const { engine, keeping, dispatch } = create();
    engine.put("all", rulePayload("SELECT topic() AS t FROM '#'", [keep]));
    engine.put("first", rulePayload("SELECT topic() AS t FROM '+/things/#'", [keep]));
    engine.put("reserved", rulePayload("SELECT topic(3) AS t FROM '$aws/#'", [keep]));
    await dispatch("$aws/things/x/shadow/update", {});
    expect(keeping.outputs).to.deep.equal([{ t: "x" }]);
  });

  it("replaces, disables, enables and deletes rules", async () => {
    const { engine, keeping, dispatch } = create();
    const fired = async () => {
      keeping.outputs.length = 0;
      for (const topic of ["a", "b"]) await dispatch(topic, {});
      return keeping.outputs;
    };
    const { createdAt } = engine.put("r", rulePayload("SELECT 1 AS v FROM 'a'", [keep]));
    engine.put("s", rulePayload("SELECT 's' AS v FROM 'b'", [keep]));
    expect(await fired()).to.deep.equal([{ v: 1 }, { v: "s" }]);
    const replaced = engine.put("r", rulePayload("SELECT 2 AS v FROM 'b'", [keep]));
    expect(await fired()).to.deep.equal([{ v: "s" }, { v: 2 }]);
    expect(replaced).to.include({ createdAt, filter: "b" });
    expect(replaced.counters.received, "counts go on").to.equal(2);
    expect(engine.setEnabled("r", false)).to.equal(true);
    expect(engine.reads("b"), "the other rule still does").to.equal(true);
    expect(await fired()).to.deep.equal([{ v: "s" }]);
    expect(engine.get("r")!.payload).to.have.property("ruleDisabled", true);
    engine.setEnabled("r", true);
    expect(await fired()).to.deep.equal([{ v: "s" }, { v: 2 }]);
    expect(engine.delete("s")).to.equal(true);
    expect(await fired()).to.deep.equal([{ v: 2 }]);
    expect([engine.delete("s"), engine.setEnabled("s", true), engine.get("s")]).to.deep.equal([
      false,
      false,
      undefined,
    ]);
    expect(engine.list().map((rule) => rule.name)).to.deep.equal(["r"]);
  });

  it("shows a message to the rules of one filter alone", async () => {
    const { engine, keeping } = create();
    engine.put("r", rulePayload("SELECT 1 AS v FROM 'a/+'", [keep]));
    engine.put("s", rulePayload("SELECT 2 AS v FROM 'a/#'", [keep]));
    for (const filter of ["a/#", "gone/#"]) engine.dispatchTo(filter, { topic: "a/b", payload: Buffer.from("{}") });
    await engine.settled();
    expect(keeping.outputs).to.deep.equal([{ v: 2 }]);
  });

  it("settles only when slow actions have ended, and those that they led to", async () => {
    const ended: string[] = [];
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const engine: RulesEngine = createEngine({
      kinds: {
        slow: {
          failedAction: "SlowAction",
          attempt: "be slow",
          compile: () => ({
            resource: () => "",
            run: async () => {
              await slow;
              ended.push("slow");
              engine.dispatch({ topic: "b", payload: Buffer.from("{}") });
            },
          }),
        },
        quick: {
          failedAction: "QuickAction",
          attempt: "be quick",
          compile: () => ({
            resource: () => "",
            run: async () => {
              await new Promise((resolve) => setImmediate(resolve));
              ended.push("quick");
            },
          }),
        },
      },
    });
    engine.put("slow", rulePayload("SELECT * FROM 'a'", [{ slow: {} }]));
    engine.put("quick", rulePayload("SELECT * FROM 'b'", [{ quick: {} }]));
    engine.dispatch({ topic: "a", payload: Buffer.from("{}") });
    const settled = engine.settled().then(() => ended.push("settled"));
    finish();
    await settled;
    expect(ended).to.deep.equal(["slow", "quick", "settled"]);
  });
});
