import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Handler, type HandlerArgs } from "../../components";
import { record, recordFailing, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const args: HandlerArgs<unknown, void> = { description: "Does nothing", callbackFactory: () => async () => {} };

describe("Handler", () => {
  for (const preview of [false, true]) {
    it(`makes a function with explicit limits, JSON logs and tracing (${preview ? "preview" : "update"})`, async () => {
      const { one } = await record(() => new Handler("greeter", { ...args, environment: { NAME: "Ada" } }), {
        preview,
      });
      const { code, role, loggingConfig, ...inputs } = one("aws:lambda/function:Function", "greeter-function").inputs;
      expect(inputs).to.deep.include({
        description: "Does nothing",
        handler: "__index.handler",
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        timeout: 10,
        memorySize: 256,
        environment: { variables: { NAME: "Ada" } },
        tracingConfig: { mode: "Active" },
      });
      expect(loggingConfig.logFormat).to.equal("JSON");
      if (!preview) expect(loggingConfig.logGroup).to.equal("greeter-logs-0000000");
    });
  }

  it("keeps logs for 30 days unless told otherwise", async () => {
    const { one } = await record(() => {
      new Handler("a", args);
      new Handler("b", { ...args, logRetentionInDays: 365 });
    });
    expect(one("aws:cloudwatch/logGroup:LogGroup", "a-logs").inputs.retentionInDays).to.equal(30);
    expect(one("aws:cloudwatch/logGroup:LogGroup", "b-logs").inputs.retentionInDays).to.equal(365);
  });

  it("says in a tag why it reserves no concurrency", async () => {
    const { one } = await record(() => new Handler("a", { ...args, unreservedBecause: "called once a day" }));
    expect(one("aws:lambda/function:Function").inputs.tags).to.deep.equal({
      "thingstack:because/reserved-concurrency": "called once a day",
    });
  });

  it("grants what it was given, its own logs, traces and failures, and nothing else", async () => {
    const grants = [{ sid: "ReadOne", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::bucket/key"] }];
    const { one, all } = await record(() => new Handler("greeter", { ...args, grants }));
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy"));
    const arn = "arn:aws:sqs:eu-central-1:123456789012:greeter-failures-queue-0000000";
    expect(statements.map(({ Sid, Action, Resource }) => [Sid, Action, Resource])).to.deep.equal([
      [
        "WriteLogs",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        ["arn:aws:cloudwatch:eu-central-1:123456789012:greeter-logs-0000000:*"],
      ],
      ["WriteTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]],
      ["SendToQueue", ["sqs:SendMessage"], [arn]],
      ["ReadOne", ["s3:GetObject"], ["arn:aws:s3:::bucket/key"]],
    ]);
    expect(all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).to.have.length(0);
  });

  it("sends calls that failed for good to an encrypted queue that keeps them 14 days, under an alarm", async () => {
    const { one } = await record(() => new Handler("greeter", { ...args, alarmTopicArn: "arn:alarms" }));
    const onFailure = one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").inputs;
    const queue = one("aws:sqs/queue:Queue", "greeter-failures-queue");
    const alarm = one("aws:cloudwatch/metricAlarm:MetricAlarm", "greeter-failures-alarm").inputs;
    expect(queue.inputs).to.deep.equal({ messageRetentionSeconds: 1_209_600, sqsManagedSseEnabled: true });
    expect(onFailure).to.deep.include({ functionName: "greeter-function-0000000", maximumRetryAttempts: 2 });
    expect(onFailure.destinationConfig.onFailure.destination).to.match(/:greeter-failures-queue-0000000$/);
    expect(alarm).to.deep.include({
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "greeter-failures-queue-0000000" },
      threshold: 0,
      comparisonOperator: "GreaterThanThreshold",
    });
  });

  it("has its children under it, named after it", async () => {
    const { resources } = await record(() => new Handler("greeter", args));
    for (const { name, type, parentType } of resources) {
      expect(name, type).to.match(/^greeter/);
      if (name !== "greeter") expect(parentType, name).to.match(/^thingstack:/);
    }
  });

  const refusals: [string, Partial<HandlerArgs<unknown, void>>, string, RegExp][] = [
    ["no description", { description: "" }, "description", /must not be empty/],
    ["a description over 256 characters", { description: "a".repeat(257) }, "description", /257 characters.*256/],
    ["no callback", { callbackFactory: undefined as never }, "callbackFactory", /must be a function/],
    ["a timeout of 0", { timeout: 0 }, "timeout", /from 1 to 900, not 0/],
    ["a timeout over 900", { timeout: 901 }, "timeout", /from 1 to 900, not 901/],
    ["half a second", { timeout: 1.5 }, "timeout", /whole number of seconds/],
    ["memory as text", { memorySize: "256" as never }, "memorySize", /not "256"/],
    ["a reason that is no tag", { unreservedBecause: "it's rare" }, "unreservedBecause", /becomes a tag/],
    ["a dry run event that is no function", { dryRunEvent: { a: 1 } as never }, "dryRunEvent", /function that returns/],
    ["three retries", { maximumRetryAttempts: 3 }, "maximumRetryAttempts", /from 0 to 2/],
    ["a retention CloudWatch does not have", { logRetentionInDays: 31 }, "logRetentionInDays", /one of 1, 3, 5/],
  ];
  for (const [what, bad, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new Handler("greeter", { ...args, ...bad }));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }

  it("names every bad argument at once", async () => {
    const refused = await refusedProperties(() => new Handler("greeter", { ...args, timeout: 0, memorySize: 1 }));
    expect(Object.keys(refused)).to.deep.equal(["timeout", "memorySize"]);
  });

  it("refuses a callback that captures a secret", async () => {
    const secret = pulumi.secret("hunter2");
    const { failures, resources } = await recordFailing(() => {
      new Handler("leaky", { ...args, callbackFactory: () => async () => void secret.get() });
    });
    expect(failures.join("\n")).to.match(/Handler "leaky": its callback captures a secret/);
    expect(resources.map(({ name }) => name)).not.to.include("leaky-function");
  });
});
