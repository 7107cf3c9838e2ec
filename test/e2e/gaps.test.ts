import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient, CreateApplicationCommand } from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  GetAliasCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { assumeRole } from "../../sandbox/assumedRole";
import { type AwsConfig, awsConfig } from "../../sandbox/aws";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { markPassedOn } from "../../sandbox/passOn";
import { Account, allow, type Queue } from "./rulesHelp";

/** Tells a queue of each call, and fails. */
const failing = (queue: Queue) => `
  const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
  const sqs = new SQSClient({});
  exports.handler = async (event) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: ${JSON.stringify(queue.url)}, MessageBody: JSON.stringify(event) }));
    throw new Error("no");
  };
`;

/** Each asks MiniStack itself, past the fills. What says here that a fill may go is fulfilled on the day it fails. */
describe("MiniStack itself", () => {
  let cloud: LocalCloud;
  let account: Account;
  let config: AwsConfig;

  before(async function () {
    if (process.env.THINGSTACK_E2E_STACK) this.skip();
    cloud = await startLocalCloud({ asyncRetryBaseSeconds: 0.05 });
    account = new Account(cloud);
    config = awsConfig(cloud);
  });
  after(() => cloud?.stop());

  /** A client whose calls no fill takes. */
  function behind<Client extends Parameters<typeof markPassedOn>[0]>(client: Client): Client {
    markPassedOn(client);
    return client;
  }

  describe("has no CodeDeploy, the day this fails sandbox/codeDeploy may go:", () => {
    it("it knows no application", async () => {
      const input = { applicationName: "app", computePlatform: "Lambda" as const };
      await new CodeDeployClient(config).send(new CreateApplicationCommand(input));
      const refused = await behind(new CodeDeployClient(config))
        .send(new CreateApplicationCommand(input))
        .catch((error: object) => error);
      expect(refused).to.have.property("error", "Unsupported service: codedeploy");
    });

    it("it sends no call to the second version of an alias, though it may have them all", async () => {
      const { lambda } = account;
      const FunctionName = await account.createFunction(
        "weighted",
        allow("logs:*", "*"),
        "exports.handler = async () => 1;",
      );
      await lambda.send(new PublishVersionCommand({ FunctionName }));
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: "another" }));
      await lambda.send(new PublishVersionCommand({ FunctionName }));
      await lambda.send(
        new CreateAliasCommand({
          FunctionName,
          Name: "live",
          FunctionVersion: "1",
          RoutingConfig: { AdditionalVersionWeights: { "2": 1 } },
        }),
      );
      const { ExecutedVersion } = await lambda.send(new InvokeCommand({ FunctionName, Qualifier: "live" }));
      expect(ExecutedVersion).to.equal("1");
    });

    it("it lets no role look at an alias that may, so the account's root moves it", async () => {
      const FunctionName = await account.createFunction(
        "moved",
        allow("logs:*", "*"),
        "exports.handler = async () => 1;",
      );
      await account.lambda.send(new PublishVersionCommand({ FunctionName }));
      const alias = { FunctionName, Name: "live" };
      await account.lambda.send(new CreateAliasCommand({ ...alias, FunctionVersion: "1" }));
      const policy = allow("lambda:GetAlias", [FunctionName, `${FunctionName}:live`]);
      const role = await account.createRole("looks", policy, "codedeploy.amazonaws.com");
      const credentials = await assumeRole(new STSClient(config), role, "test");
      const refused = await new LambdaClient({ ...config, credentials })
        .send(new GetAliasCommand(alias))
        .catch((error: Error) => error.message);
      expect(refused).to.match(/lambda:ListAliases/);
    });
  });

  describe("does not look where alarms look, the day this fails sandbox/alarms may go:", () => {
    /** Puts alarms over 0 by their names, and then a 1 for the function `b`. @returns the states of the alarms by then */
    async function statesOf(alarms: Readonly<Record<string, Partial<PutMetricAlarmCommandInput>>>) {
      const cloudWatch = behind(new CloudWatchClient(config));
      for (const [AlarmName, alarm] of Object.entries(alarms)) {
        const rule = { ComparisonOperator: "GreaterThanThreshold" as const, EvaluationPeriods: 1, Threshold: 0 };
        await cloudWatch.send(new PutMetricAlarmCommand({ AlarmName, ...rule, ...alarm }));
      }
      // It looks at alarms when a metric is put, before it answers.
      const MetricData = [{ MetricName: "Errors", Dimensions: of("b"), Value: 1 }];
      await cloudWatch.send(new PutMetricDataCommand({ Namespace: "test", MetricData }));
      const AlarmNames = Object.keys(alarms);
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
      return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
    }
    const of = (Value: string) => [{ Name: "FunctionName", Value }];
    const metricOf = (functionName: string) => ({
      Namespace: "test",
      MetricName: "Errors",
      Dimensions: of(functionName),
    });
    const sum = { Period: 60, Statistic: "Sum" as const };

    it("one function's errors ring another's alarm", async () => {
      expect(await statesOf({ ofA: { ...metricOf("a"), ...sum } })).to.deep.equal({ ofA: "ALARM" });
    });

    it("metric math rings nothing, where the metric alone does", async () => {
      const Metrics = [
        { Id: "twice", Expression: "2 * errors", ReturnData: true },
        { Id: "errors", MetricStat: { Metric: metricOf("b"), Period: 60, Stat: "Sum" }, ReturnData: false },
      ];
      const states = await statesOf({ math: { Metrics }, ofB: { ...metricOf("b"), ...sum } });
      expect(states).to.deep.equal({ math: "INSUFFICIENT_DATA", ofB: "ALARM" });
    });
  });

  it("tries an asynchronous call of an alias as often as it likes and tells nobody; the day this fails, sandbox/asynchronousCalls.ts may go", async () => {
    const [calls, failures] = [await account.createQueue("calls"), await account.createQueue("failures")];
    const policy = allow("sqs:SendMessage", [calls.arn, failures.arn]);
    const FunctionName = await account.createFunction("failing", policy, failing(calls));
    await account.lambda.send(new PublishVersionCommand({ FunctionName }));
    await account.lambda.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
    const Qualifier = "live";
    await account.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName,
        Qualifier,
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: failures.arn } },
      }),
    );
    const call = { FunctionName, Qualifier, InvocationType: "Event" as const };
    await behind(new LambdaClient(config)).send(
      new InvokeCommand({ ...call, Payload: Buffer.from('{"by":"MiniStack"}') }),
    );
    const tried = await account.receive(calls, 3);
    expect(tried, "tried again, though its retries are 0").to.deep.equal(Array(3).fill({ by: "MiniStack" }));
    expect(await account.countMessages(failures), "told nobody").to.equal(0);
    // By the front door it is as the alias says.
    await account.lambda.send(new InvokeCommand({ ...call, Payload: Buffer.from('{"by":"the fill"}') }));
    const [failure] = await account.receive(failures, 1);
    expect(failure).to.deep.include({ requestPayload: { by: "the fill" } });
    expect(await account.receive(calls, 1)).to.deep.equal([{ by: "the fill" }]);
  });
});
