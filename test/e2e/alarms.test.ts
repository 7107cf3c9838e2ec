import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import {
  AddPermissionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { alarmKinds } from "../../components/observability/metricAlarm";
import type { Place } from "../../operations/place";
import { command } from "../../operations/replay/command";
import type { AwsConfig } from "../../sandbox/aws";
import { Alarms, kindOf } from "./alarmsHelp";
import { type Outputs, program } from "./alarmsProgram";
import { setLiveEnvironment } from "./support/liveFunction";
import { type OwnCloud, openOwnCloud } from "./support/ownCloud";
import { QueueView } from "./support/queue";

describe("what goes wrong", () => {
  let own: OwnCloud<Outputs>;
  let config: AwsConfig;
  let outputs: Outputs;
  let place: Place;
  let lambda: LambdaClient;
  let alarms: Alarms;

  before(async () => {
    own = await openOwnCloud<Outputs>(program);
    ({ aws: config, outputs, place } = own);
    lambda = new LambdaClient(config);
    alarms = new Alarms(config);
  });
  after(() => own?.close());

  const publish = (topic: string, payload: unknown) =>
    new IoTDataPlaneClient(config).send(
      new PublishCommand({
        topic,
        qos: 1,
        payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
      }),
    );
  const urlOf = (name: string) => outputs.failureQueues.find((queue) => queue.name === name)!.url;
  const depthOf = async (name: string) => {
    const { Attributes } = await new SQSClient(config).send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ["ApproximateNumberOfMessages"] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  };
  const waitForDepth = (name: string, depth: number) =>
    waitFor(`${depth} messages in ${name}`, async () => (await depthOf(name)) === depth || undefined, {
      everyMs: 200,
      lastSeen: () => depthOf(name),
    });
  /** Runs the command as `npm run replay` does. */
  const replay = async (name: string | undefined, options: { dryRun?: boolean; limit?: number } = {}) => {
    const lines: string[] = [];
    const { dryRun = false, limit = Number.POSITIVE_INFINITY } = options;
    const code = await command(place, name, { dryRun, limit }, (text) => lines.push(text));
    return { code, text: lines.join("\n") };
  };
  /** A new version of a function with other settings, and the alias on it: what a release does. */
  const release = (FunctionName: string, change: Record<string, string>) =>
    setLiveEnvironment(lambda, FunctionName, change);

  describe("rings", () => {
    /** Faults that MiniStack or a fill measures, and the alarm that each rings. */
    const faults: [alarm: string, fault: () => Promise<unknown>][] = [
      ["direct-errors", () => publish("direct/a", {})],
      ["direct-failures-alarm", async () => {}],
      ["slow-slow", () => publish("slow/a", { takes: 900 })],
      [
        "refused-throttled",
        async () => {
          const FunctionName = outputs.functionNames.refused;
          await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
          // Not at the alias: MiniStack does not count an alias' calls against the reservation.
          const call = new InvokeCommand({ FunctionName, Payload: Buffer.from('{"n":1}') });
          const refused = await lambda.send(call).catch((error: Error) => error.name);
          expect(refused).to.equal("TooManyRequestsException");
        },
      ],
      [
        "overheated-loop-failed",
        () => new SFNClient(config).send(new StartExecutionCommand({ ...outputs, input: '{"dueAt": "no time"}' })),
      ],
      ["telemetry-quarantined", () => publish("state/a", "no JSON")],
    ];
    /** Kinds that nothing on the local cloud measures; the test puts what AWS would. */
    const put = [
      "function-failures-lost",
      "function-near-concurrency",
      "stream-behind",
      "stream-throttled",
      "table-throttled",
      "machine-timed-out",
      "queue-forgotten",
      "queue-behind",
      "rule-throttled",
      "api-errors",
      "api-slow",
      "delivery-behind",
    ];
    /** What real devices bring about, in firmware.test.ts. */
    const byDevices = ["jobs-failed", "false-claims"];
    const named = new Map<string, string>();

    before(async () => {
      const all = await alarms.all();
      for (const alarm of all) {
        if (put.includes(kindOf(alarm)) && !named.has(kindOf(alarm))) {
          named.set(kindOf(alarm), alarm.AlarmName!);
          await alarms.breach(alarm);
        }
      }
      for (const [, fault] of faults) await fault();
    });

    for (const [alarm] of faults) {
      it(`${alarm}, by a real fault`, () => alarms.waitForRing(alarm, { andEnd: false }));
    }
    for (const kind of put) {
      it(`${kind}, by its metric, and is over when that is quiet`, () =>
        alarms.waitForRing(named.get(kind)!, { andEnd: true }));
    }
    for (const [alarm] of faults.filter(([name]) => name !== "direct-failures-alarm")) {
      it(`${alarm} no more when the fault is over`, () => alarms.waitForRing(alarm, { andEnd: true }));
    }

    it("in every kind there is", async () => {
      const all = await alarms.all();
      const byFault = faults.map(([logical]) =>
        kindOf(all.find(({ AlarmName = "" }) => AlarmName.startsWith(`${logical}-`))!),
      );
      expect([...byFault, ...put, ...byDevices].sort()).to.deep.equal(Object.keys(alarmKinds).sort());
    });

    it("for nobody else: one function's errors are not another's", async () => {
      expect(await alarms.history("slow-errors")).not.to.include("ALARM");
      expect(await alarms.history("buffered-errors")).not.to.include("ALARM");
    });
  });

  describe("is replayed", () => {
    it("after a look that changes nothing", async () => {
      await publish("direct/a", { takes: 0 });
      await waitForDepth("direct-failures", 2);
      const { code, text } = await replay("direct-failures", { dryRun: true });
      expect(code).to.equal(0);
      expect(text.split("\n").slice(0, 2).join()).to.match(/^2 × function direct-function-\w+, {4}.*no number$/);
      expect(await depthOf("direct-failures")).to.equal(2);
    });

    it("in vain while the function is as it was, and keeps its count", async () => {
      const { code, text } = await replay("direct-failures");
      expect(code).to.equal(1);
      expect(text).to.match(/2 failed again and wait with their count: .*no number/);
      const again = await replay("direct-failures");
      expect(again.text).to.contain("replayed 1 times before");
      expect(await depthOf("direct-failures")).to.equal(2);
    });

    it("by a version that was released since, as many as asked for, and is done", async () => {
      await release(outputs.functionNames.direct, { MENDED: "true" });
      expect((await replay("direct-failures", { limit: 1 })).text).to.contain("\n1 sent again");
      expect(await depthOf("direct-failures")).to.equal(1);
      expect((await replay("direct-failures")).code).to.equal(0);
      expect(await depthOf("direct-failures")).to.equal(0);
      const logs = new CloudWatchLogsClient(config);
      const { events = [] } = await logs.send(
        new FilterLogEventsCommand({ logGroupName: outputs.directLogGroupName, filterPattern: "counted" }),
      );
      expect(events).to.have.length(2);
      expect((await replay("direct-failures")).text).to.equal("Nothing lies in direct-failures.");
    });

    it("so that the component, which rang once for all of it, says once that it is over", async () => {
      await alarms.waitForRing("direct-failures-alarm", { andEnd: true });
      const composite = "thingstack-test-direct";
      await alarms.waitForRing(composite, { andEnd: true });
      const inbox = new QueueView(config, outputs.inboxUrl);
      const told = async () =>
        (await inbox.messages<{ Message: string }>())
          .map(({ Message }) => JSON.parse(Message))
          .filter(({ AlarmName }) => AlarmName === composite)
          .map(({ NewStateValue }) => NewStateValue);
      const states = await waitFor(
        "ALARM and OK in the inbox",
        async () => {
          const seen = await told();
          return seen.includes("ALARM") && seen.includes("OK") ? seen : undefined;
        },
        { lastSeen: told },
      );
      expect(states.filter((state) => state === "ALARM")).to.have.length(1);
    });

    it("through the queue that it came by", async () => {
      await publish("buffered/a", {});
      await waitForDepth("buffered-failures", 1);
      const inVain = await replay("buffered-failures");
      expect(inVain.text).to.match(/1 × function buffered-function-\w+, through buffered-buffer-\w+/);
      expect(inVain.text).to.contain("1 failed again");
      await release(outputs.functionNames.buffered, { MENDED: "true" });
      const { code, text } = await replay("buffered-failures");
      expect([code, text.includes("replayed 1 times before")]).to.deep.equal([0, true]);
      expect(await depthOf("buffered-failures")).to.equal(0);
    });

    it("to the rule that could not deliver it, and to no other", async () => {
      const FunctionName = outputs.functionNames.direct;
      const { Policy = "{}" } = await lambda.send(new GetPolicyCommand({ FunctionName, Qualifier: "live" }));
      const StatementId = JSON.parse(Policy).Statement[0].Sid;
      await lambda.send(new RemovePermissionCommand({ FunctionName, Qualifier: "live", StatementId }));
      await publish("direct/undelivered", { n: 4711 });
      await waitForDepth("direct-undelivered", 1);
      const inVain = await replay("direct-undelivered");
      expect(inVain.text).to.match(/1 × rule thingstack_test_direct\n {4}LambdaAction: .+/);
      expect(inVain.text).to.contain("1 failed again and wait with their count");
      await lambda.send(
        new AddPermissionCommand({
          FunctionName,
          Qualifier: "live",
          StatementId,
          Action: "lambda:InvokeFunction",
          Principal: "iot.amazonaws.com",
          SourceArn: outputs.directRuleArn,
        }),
      );
      const { code, text } = await replay("direct-undelivered");
      expect([code, text.includes("replayed 1 times before")]).to.deep.equal([0, true]);
      const logs = new CloudWatchLogsClient(config);
      const filter = { logGroupName: outputs.directLogGroupName, filterPattern: "4711" };
      await waitFor("the message in the function's log", async () => {
        const { events = [] } = await logs.send(new FilterLogEventsCommand(filter));
        return events.length > 0 || undefined;
      });
      expect(await depthOf("direct-undelivered")).to.equal(0);
    });

    it("from the stream that still has it", async () => {
      const { BUCKET } = (
        await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: outputs.storeFunctionName }))
      ).Environment!.Variables!;
      await release(outputs.storeFunctionName, { BUCKET: `${BUCKET}-gone` });
      await publish("state/b", { n: 5 });
      await waitForDepth("telemetry-store-failures", 1);
      const inVain = await replay("telemetry-store-failures");
      expect(inVain.text).to.match(/1 × function telemetry-store-function-\w+, from a stream/);
      expect(inVain.code).to.equal(1);
      await release(outputs.storeFunctionName, { BUCKET: BUCKET! });
      expect((await replay("telemetry-store-failures")).code).to.equal(0);
      const { Contents = [] } = await new S3Client(config).send(
        new ListObjectsV2Command({ Bucket: outputs.bucketName, Prefix: "telemetry/" }),
      );
      expect(Contents).to.have.length(1);
    });

    it("by name: without one, all failure queues are listed; a wrong one is told which there are", async () => {
      const { code, text } = await replay(undefined);
      expect(code).to.equal(0);
      for (const { name } of outputs.failureQueues) expect(text).to.match(new RegExp(`^${name} +0$`, "m"));
      const error = await replay("direct-buffer").catch((reason) => reason);
      expect(error.message).to.match(/^direct-buffer is no failure queue of the stack local\. There are:\n {2}direct-/);
    });
  });
});
