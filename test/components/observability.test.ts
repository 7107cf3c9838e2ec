import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { FailureQueue, Handler, Observability, TopicSubscription } from "../../components";
import { AlarmGroup } from "../../components/observability/alarmGroup";
import { type AlarmThresholds, defaultThresholds } from "../../components/observability/alarmThresholds";
import { watchClaims, watchJobs } from "../../components/observability/firmwareAlarms";
import { alarmKinds } from "../../components/observability/metricAlarm";
import { watchApi } from "../../components/observability/resourceAlarms";
import { program } from "../support/programs";
import { type RecordedResource, type Recording, record } from "../support/record";
import { refusedProperties } from "../support/refusal";

const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const compositeAlarm = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const handler = { description: "Does nothing", callbackFactory: () => async () => {} };
const topic = { alarmTopicArn: "arn:alarms" };

/** The name that a resource has in AWS: its own, or the one that Pulumi makes up. */
const physical = ({ name, inputs }: RecordedResource): string => inputs.name ?? `${name}-0000000`;

/** Kind of alarm, by the runbook that its description names. */
const kindOf = ({ inputs }: RecordedResource) =>
  /Runbook: docs\/runbooks\/([\w-]+)\.md$/.exec(inputs.alarmDescription)?.[1] ?? "none";

describe("observability", () => {
  describe("a function used alone", () => {
    it("has its alarms, and one alarm that rings for them", async () => {
      const { all, one } = await record(
        () => new Handler("greeter", { ...handler, ...topic, reservedConcurrency: 10 }),
      );
      const alarms = all(metricAlarm);
      expect(alarms.map(kindOf)).to.have.members([
        "function-errors",
        "function-throttled",
        "function-slow",
        "function-failures-lost",
        "function-near-concurrency",
        "queue-failures",
        "queue-forgotten",
      ]);
      const rings = one(compositeAlarm).inputs;
      const children = alarms.filter((alarm) => kindOf(alarm) !== "queue-forgotten").map(physical);
      expect(rings.alarmRule.split(" OR ").sort()).to.deep.equal(children.map((name) => `ALARM("${name}")`).sort());
      expect(rings).to.deep.include({ alarmActions: ["arn:alarms"], okActions: ["arn:alarms"] });
    });

    it("counts its errors as a share of its calls, at the alias", async () => {
      const { one } = await record(() => new Handler("greeter", handler));
      const { metricQueries, threshold, treatMissingData } = one(metricAlarm, "greeter-errors").inputs;
      const [math, ...metrics] = metricQueries;
      expect(math).to.deep.include({ expression: "100 * errors / calls", returnData: true });
      const dimensions = { FunctionName: "greeter-function-0000000", Resource: "greeter-function-0000000:live" };
      expect(metrics.map(({ id, metric }: never) => [id, metric])).to.deep.equal([
        ["errors", { namespace: "AWS/Lambda", metricName: "Errors", dimensions, period: 60, stat: "Sum" }],
        ["calls", { namespace: "AWS/Lambda", metricName: "Invocations", dimensions, period: 60, stat: "Sum" }],
      ]);
      expect([threshold, treatMissingData]).to.deep.equal([5, "notBreaching"]);
    });

    it("rings when its slowest calls come near its own timeout and its own reservation", async () => {
      const { one } = await record(() => {
        new Handler("a", { ...handler, timeout: 30, reservedConcurrency: 5 });
        new Handler("b", { ...handler, timeout: pulumi.output(60), thresholds: { durationShare: 50 } });
      });
      expect(one(metricAlarm, "a-slow").inputs).to.deep.include({ threshold: 24_000, extendedStatistic: "p99" });
      expect(one(metricAlarm, "b-slow").inputs.threshold).to.equal(30_000);
      expect(one(metricAlarm, "a-near-concurrency").inputs).to.deep.include({ threshold: 4, statistic: "Maximum" });
    });
  });

  it("rings in the first bad period, and is over after five quiet ones, so that a fault that comes and goes rings once", async () => {
    const { all } = await record(() => {
      new Handler("a", handler);
      new FailureQueue("b", { description: "Letters", thresholds: { period: 10, quietPeriods: 1 } });
    });
    for (const { name, inputs } of all(metricAlarm)) {
      const quick = name.startsWith("b-");
      expect(inputs, name).to.deep.include({ datapointsToAlarm: 1, evaluationPeriods: quick ? 1 : 5 });
      const periods = [
        inputs.period,
        ...(inputs.metricQueries ?? []).map((query: never) => (query as Query).metric?.period),
      ];
      for (const period of periods.filter(Boolean)) expect(period, name).to.equal(quick ? 10 : 60);
    }
  });

  it("rings once for a component and all that is inside of it", async () => {
    const { all, one } = await record(
      () => new TopicSubscription("listener", { ...handler, ...topic, topicFilter: "a/b", buffer: "kinesis" }),
    );
    const rings = one(compositeAlarm);
    expect(rings.name).to.equal("listener-rings");
    for (const alarm of all(metricAlarm)) {
      const alone = kindOf(alarm) === "queue-forgotten";
      expect(alarm.inputs.alarmActions, alarm.name).to.deep.equal(alone ? ["arn:alarms"] : []);
      expect(alarm.inputs.okActions, alarm.name).to.deep.equal(alone ? ["arn:alarms"] : []);
      expect(rings.inputs.alarmRule.includes(`ALARM("${physical(alarm)}")`), alarm.name).to.equal(!alone);
    }
  });

  it("parts what AWS takes no more than a hundred of", async () => {
    const { all } = await record(() => {
      class Many extends pulumi.ComponentResource {
        constructor() {
          super("thingstack:test:Many", "many");
          const alarms = AlarmGroup.of(this, "many", topic);
          const failures = { namespace: "Shop", name: "Failures", dimensions: {}, statistic: "Sum" };
          const watch = { kind: "queue-failures", description: "Fails.", metrics: { failures }, threshold: 0 } as const;
          for (let at = 0; at < 105; at++) alarms.add(`a${at}`, watch, { parent: this });
          alarms.close(this);
        }
      }
      new Many();
    });
    const rules = all(compositeAlarm).map(({ inputs }) => inputs.alarmRule.split(" OR ").length);
    expect(rules).to.have.members([100, 5]);
    expect(new Set(all(compositeAlarm).map(({ inputs }) => inputs.alarmName)).size).to.equal(2);
  });

  it("watches an API's server errors and slowest answers, devices that fail to install, and those that claim what is not so", async () => {
    const { all } = await record(() => {
      class Watcher extends pulumi.ComponentResource {
        constructor() {
          super("thingstack:test:Watcher", "w");
          const alarms = AlarmGroup.of(this, "w", topic);
          watchApi(alarms, "api", { apiName: "fleet", stageName: "v1" }, { parent: this });
          watchJobs(alarms, "firmware", { functionName: "results" }, { parent: this });
          watchClaims(alarms, "firmware", { claims: "shadows", ended: "results" }, { parent: this });
          alarms.close(this);
        }
      }
      new Watcher();
    });
    expect(all(metricAlarm).map((alarm) => [kindOf(alarm), alarm.inputs.threshold])).to.have.deep.members([
      ["api-errors", 1],
      ["api-slow", 3000],
      ["jobs-failed", 10],
      ["false-claims", 0],
    ]);
  });

  describe("the dashboard", () => {
    it("shows every alarm of every component, each with the line that it rings at", async () => {
      const { all, one } = await record(() => {
        const observability = new Observability("fleet", topic);
        new Handler("a", { ...handler, ...observability.operations });
        new FailureQueue("b", { description: "Letters", ...observability.operations });
        observability.finish();
      });
      const { widgets } = JSON.parse(one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody);
      const shown = JSON.stringify(widgets);
      for (const { inputs } of all(metricAlarm)) {
        const metrics = inputs.metricName ? [inputs.metricName] : inputs.metricQueries.map(nameOfQuery).filter(Boolean);
        for (const metric of metrics) expect(shown).to.contain(`"${metric}"`);
      }
      const lines = widgets.flatMap((widget: Widget) => widget.properties.annotations?.horizontal ?? []);
      const thresholds = [...new Set(all(metricAlarm).map(({ inputs }) => inputs.threshold))];
      expect(lines.map(({ value }: { value: number }) => value)).to.include.members(thresholds);
      const rings = all(compositeAlarm).map(({ name }) => name);
      expect(rings).to.have.members(["a-rings", "b-rings"]);
      expect(widgets[1].properties.alarms).to.have.length(2);
    });

    it("begins with how available each component is", async () => {
      const { one } = await record(() => {
        const observability = new Observability("fleet", topic);
        new Handler("a", { ...handler, ...observability.operations });
        observability.finish();
      });
      const { widgets } = JSON.parse(one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody);
      const { metrics, view } = widgets[0].properties;
      expect(view).to.equal("singleValue");
      expect(metrics[0]).to.deep.equal([{ expression: "100 * (1 - SUM([errors0x0]) / SUM([calls0x0]))", label: "a" }]);
      expect(metrics.slice(1).map((row: unknown[]) => row[1])).to.deep.equal(["Errors", "Invocations"]);
    });

    it("refuses a component that comes after it", async () => {
      const refused = record(() => {
        const observability = new Observability("fleet");
        observability.finish();
        new FailureQueue("late", { description: "Letters", ...observability.operations });
      });
      const error = await refused.then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).to.match(/would not show late: call finish\(\) after the last component/);
    });
  });

  describe("thresholds", () => {
    const bad: [string, AlarmThresholds, string, RegExp][] = [
      ["a period that AWS does not have", { period: 45 }, "thresholds.period", /10, 20, 30 or whole minutes/],
      ["a period of over an hour", { period: 3660 }, "thresholds.period", /up to 3600 seconds, not 3660/],
      ["no quiet period", { quietPeriods: 0 }, "thresholds.quietPeriods", /from 1 to 10, not 0/],
      ["an error rate of 100 %", { errorRate: 100 }, "thresholds.errorRate", /percent from 0 to 99/],
      ["a negative error rate", { errorRate: -1 }, "thresholds.errorRate", /not -1/],
      ["a share over 100 %", { durationShare: 101 }, "thresholds.durationShare", /from 1 to 100/],
      ["a share of text", { concurrencyShare: "80" as never }, "thresholds.concurrencyShare", /not "80"/],
      ["an age of nothing", { iteratorAge: 0 }, "thresholds.iteratorAge", /seconds from 1/],
      ["an age over what SQS keeps", { queueAge: 15 * 86_400 }, "thresholds.queueAge", /from 1 to 1209600/],
      ["failures forgotten after SQS has deleted them", { forgottenAfter: 14 }, "thresholds.forgottenAfter", /1 to 13/],
      ["an API slower than API Gateway waits", { apiLatency: 30_000 }, "thresholds.apiLatency", /1 to 29000/],
      ["a number of claims below none", { falseClaims: -1 }, "thresholds.falseClaims", /from 0 to 1000000, not -1/],
      ["a threshold nobody knows", { errorsRate: 1 } as never, "thresholds.errorsRate", /not known; there are period/],
      ["no object", 5 as never, "thresholds", /must be an object of thresholds, not 5/],
    ];
    for (const [what, thresholds, path, reason] of bad) {
      it(`refuses ${what}, before anything is made`, async () => {
        for (const make of [
          () => new Handler("a", { ...handler, thresholds }),
          () => new Observability("fleet", { thresholds }),
        ]) {
          const refused = await refusedProperties(make);
          expect(Object.keys(refused)).to.deep.equal([path]);
          expect(refused[path]).to.match(reason);
        }
      });
    }

    it("takes its own defaults, written out", async () => {
      const { all } = await record(() => new Handler("a", { ...handler, thresholds: defaultThresholds }));
      expect(all(compositeAlarm)).to.have.length(1);
    });
  });

  it("is documented: docs/alarms.md has every kind of alarm with where it is proven, and every argument", () => {
    const rows = readFileSync("docs/alarms.md", "utf8")
      .split("\n")
      .filter((line) => line.startsWith("| ["));
    const kinds = rows.map((row) => /^\| \[([\w-]+)\]\(runbooks\/\1\.md\)/.exec(row)?.[1]);
    expect(kinds.sort()).to.deep.equal(Object.keys(alarmKinds).sort());
    for (const row of rows) expect(row.split("|").at(-2)?.trim(), row).not.to.equal("");
    const text = readFileSync("docs/alarms.md", "utf8");
    for (const threshold of Object.keys(defaultThresholds)) expect(text).to.contain(`\`${threshold}\``);
  });

  describe("the program", () => {
    let recording: Recording<unknown>;
    before(async () => {
      // Some thirty functions are serialised: seconds on a quiet machine.
      recording = await record(program);
    });

    it("has a runbook for every alarm, and no runbook without one", () => {
      const kinds = new Set(recording.all(metricAlarm).map(kindOf));
      for (const kind of kinds)
        expect(existsSync(`docs/runbooks/${kind}.md`), `docs/runbooks/${kind}.md`).to.equal(true);
      const pages = readdirSync("docs/runbooks").map((file) => file.replace(/\.md$/, ""));
      expect(pages.sort()).to.deep.equal(["README", ...Object.keys(alarmKinds)].sort());
    });

    it("rings for every alarm: by itself, or as part of one composite alarm with both actions", () => {
      const composites = recording.all(compositeAlarm).map(({ inputs }) => inputs);
      for (const { alarmName, alarmActions, okActions } of composites) {
        expect([alarmActions.length, okActions.length], alarmName).to.deep.equal([1, 1]);
      }
      for (const alarm of recording.all(metricAlarm)) {
        const parts = composites.filter(({ alarmRule }) => alarmRule.includes(`ALARM("${physical(alarm)}")`)).length;
        expect(parts + alarm.inputs.alarmActions.length, alarm.name).to.equal(1);
        expect(alarm.inputs.okActions, alarm.name).to.deep.equal(alarm.inputs.alarmActions);
      }
    });

    it("watches every function, stream, table, state machine, queue and rule", () => {
      const watched: [type: string, dimension: string, kinds: string[]][] = [
        ["aws:lambda/function:Function", "FunctionName", ["function-errors", "function-throttled", "function-slow"]],
        ["aws:kinesis/stream:Stream", "StreamName", ["stream-throttled"]],
        ["aws:dynamodb/table:Table", "TableName", ["table-throttled"]],
        ["aws:sfn/stateMachine:StateMachine", "StateMachineArn", ["machine-failed", "machine-timed-out"]],
        ["aws:iot/topicRule:TopicRule", "RuleName", ["rule-throttled"]],
      ];
      for (const [type, dimension, kinds] of watched) {
        for (const resource of recording.all(type)) {
          const found = recording.all(metricAlarm).filter((alarm) => {
            const id = dimensionsOf(alarm)[dimension] ?? "";
            return id === physical(resource) || id.endsWith(`:${physical(resource)}`);
          });
          expect(found.map(kindOf), `what watches ${resource.name}`).to.include.members(kinds);
        }
      }
      for (const queue of recording.all("aws:sqs/queue:Queue")) {
        const found = recording.all(metricAlarm).filter((alarm) => dimensionsOf(alarm).QueueName === physical(queue));
        expect(found, `what watches ${queue.name}`).not.to.have.length(0);
      }
    });

    it("has a dashboard that fits into CloudWatch's grid, no widget over another", () => {
      const { widgets } = JSON.parse(recording.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody);
      const taken = new Set<string>();
      for (const { x, y, width, height } of widgets) {
        expect(x + width).to.be.at.most(24);
        for (let column = x; column < x + width; column++) {
          for (let row = y; row < y + height; row++) {
            const cell = `${column},${row}`;
            expect(taken.has(cell), cell).to.equal(false);
            taken.add(cell);
          }
        }
      }
    });

    it("traces everything that X-Ray can trace", () => {
      const traced: [type: string, isActive: (inputs: RecordedResource["inputs"]) => unknown][] = [
        ["aws:lambda/function:Function", ({ tracingConfig }) => tracingConfig?.mode === "Active"],
        ["aws:sfn/stateMachine:StateMachine", ({ tracingConfiguration }) => tracingConfiguration?.enabled],
        ["aws:apigateway/stage:Stage", ({ xrayTracingEnabled }) => xrayTracingEnabled],
      ];
      for (const [type, isActive] of traced) {
        for (const { name, inputs } of recording.all(type)) {
          expect(Boolean(isActive(inputs)), `tracing of ${name}`).to.equal(true);
        }
      }
    });

    it("knows every failure queue by name", async () => {
      const queues = recording.all("aws:sqs/queue:Queue").map(({ name }) => name);
      const { failureQueues } = recording.result as { failureQueues: { name: string }[] };
      for (const { name } of failureQueues) expect(queues).to.include(`${name}-queue`);
      const failures = queues.filter((name) => name.endsWith("-queue"));
      expect(failureQueues.map(({ name }) => `${name}-queue`)).to.have.members(failures);
    });
  });
});

interface Query {
  readonly metric?: {
    readonly metricName: string;
    readonly period: number;
    readonly dimensions: Record<string, string>;
  };
}

interface Widget {
  readonly properties: { readonly annotations?: { readonly horizontal: { value: number }[] } };
}

const nameOfQuery = (query: Query) => query.metric?.metricName;

function dimensionsOf({ inputs }: RecordedResource): Record<string, string> {
  const query = (inputs.metricQueries as Query[] | undefined)?.find(({ metric }) => metric);
  return inputs.dimensions ?? query?.metric?.dimensions ?? {};
}
