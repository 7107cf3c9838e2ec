import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { LogExport, type LogExportArgs } from "../../components";
import { program } from "../support/programs";
import { record, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

const filterType = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter";
const args = {
  url: "https://intake.example.com/v1/input",
  secretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:logs-abc",
};
const make = (more: Partial<LogExportArgs> = {}) => {
  const logGroups = ["a", "b"].map((name) => new aws.cloudwatch.LogGroup(name));
  return new LogExport("export", { ...args, logGroups, ...more });
};

describe("LogExport", () => {
  it("hands every line of every log group to Firehose, by a role that may do only that", async () => {
    const { all, one } = await record(() => make());
    expect(all(filterType).map(({ inputs }) => [inputs.logGroup, inputs.filterPattern])).to.have.deep.members([
      ["a-0000000", ""],
      ["b-0000000", ""],
    ]);
    const [statement, ...others] = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "export-subscription-grants"));
    expect(others).to.deep.equal([]);
    expect(statement).to.deep.include({ Action: ["firehose:PutRecord", "firehose:PutRecordBatch"] });
    expect(statement!.Resource[0]).to.match(/export-stream-0000000$/);
  });

  it("lets Firehose read the access key itself: it is in no property of any resource", async () => {
    const { one } = await record(() => make());
    const { httpEndpointConfiguration, serverSideEncryption } = one(
      "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
    ).inputs;
    expect(httpEndpointConfiguration).not.to.have.property("accessKey");
    expect(httpEndpointConfiguration).to.deep.include({ url: args.url, s3BackupMode: "FailedDataOnly" });
    expect(httpEndpointConfiguration.secretsManagerConfiguration).to.deep.include({
      enabled: true,
      secretArn: args.secretArn,
    });
    expect(serverSideEncryption.enabled).to.equal(true);
    const statements = statementsOf(one("aws:iam/rolePolicy:RolePolicy", "export-delivery-grants"));
    const readKey = statements.find(({ Sid }) => Sid === "ReadAccessKey");
    expect(readKey).to.deep.include({ Action: ["secretsmanager:GetSecretValue"], Resource: [args.secretArn] });
  });

  it("rings when delivery is late", async () => {
    const { one } = await record(() => make({ alarmTopicArn: "arn:alarms" }));
    expect(one("aws:cloudwatch/metricAlarm:MetricAlarm").inputs).to.deep.include({
      metricName: "DeliveryToHttpEndpoint.DataFreshness",
      threshold: 900,
    });
  });

  it("takes all log groups of functions and state machines of the program, and only where it is configured", async () => {
    const config = { logExportUrl: args.url, logExportSecretArn: args.secretArn };
    const { all } = await record(() => program(config));
    const exported = all(filterType).map(({ inputs }) => inputs.logGroup);
    const functions = all("aws:lambda/function:Function").map(({ inputs }) => inputs.loggingConfig.logGroup);
    const machines = all("aws:sfn/stateMachine:StateMachine").map(({ inputs }) =>
      inputs.loggingConfiguration.logDestination.split(":").at(-2),
    );
    expect(exported).to.include.members([...functions, ...machines]);
    expect(new Set(exported).size).to.equal(exported.length);
  });

  const refusals: [string, Partial<LogExportArgs>, string, RegExp][] = [
    ["plain HTTP", { url: "http://intake.example.com" }, "url", /must be an https/],
    ["no address", { url: undefined as never }, "url", /must be an https/],
    ["a key in place of its secret", { secretArn: "0123abcd" }, "secretArn", /not the key itself or a name$/],
    ["the ARN of something else", { secretArn: "arn:aws:sns:eu-central-1:1:a" }, "secretArn", /not "arn:aws:sns/],
    ["nothing to export", { logGroups: [] }, "logGroups", /at least one/],
    ["an hour of gathering", { bufferingInterval: 3600 }, "bufferingInterval", /from 0 to 900/],
  ];
  for (const [what, bad, path, reason] of refusals) {
    it(`refuses ${what}, before anything is made`, async () => {
      const refused = await refusedProperties(() => new LogExport("e", { ...args, logGroups: [{} as never], ...bad }));
      expect(Object.keys(refused)).to.deep.equal([path]);
      expect(refused[path]).to.match(reason);
    });
  }
});
