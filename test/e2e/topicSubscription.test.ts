import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { DeleteFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { TopicSubscription } from "../../components";
import type { AwsConfig } from "../../sandbox/aws";
import { type OwnCloud, openOwnCloud } from "./support/ownCloud";
import { QueueView } from "./support/queue";

interface Deployed {
  functionName: string;
  logGroupName: string;
  failures: QueueView;
  undelivered: QueueView;
}

/** What AWS IoT sends to an error action. */
interface Undelivered {
  ruleName: string;
  topic: string;
  base64OriginalPayload: string;
  failures: { failedAction: string; failedResource: string; errorMessage: string }[];
}

/** What Lambda sends to an on-failure destination. */
interface Failed {
  requestContext: { condition: string; approximateInvokeCount: number };
  requestPayload: unknown;
  responsePayload: { errorMessage: string };
}

// Breaks what it tests, so it brings its own program and local cloud.
describe("a callback on a topic", () => {
  let own: OwnCloud<Record<keyof Deployed, string>>;
  let config: AwsConfig;
  let stack: Deployed;

  before(async () => {
    own = await openOwnCloud(() => {
      const { handler, rule } = new TopicSubscription("fragile", {
        description: "Fails on what is not a number",
        topicFilter: "fragile/+",
        callbackFactory: () => async (event: { n: unknown }) => {
          if (typeof event.n !== "number") throw new Error(`not a number: ${event.n}`);
          console.log(JSON.stringify({ counted: event.n }));
        },
      });
      return {
        functionName: handler.function.name,
        logGroupName: handler.logGroup.name,
        failures: handler.failures.queue.url,
        undelivered: rule.undelivered.queue.url,
      };
    });
    config = own.aws;
    const { failures, undelivered, ...names } = own.outputs;
    stack = {
      ...names,
      failures: new QueueView(config, failures),
      undelivered: new QueueView(config, undelivered),
    };
  });
  after(() => own?.close());

  const publish = (payload: unknown) =>
    new IoTDataPlaneClient(config).send(
      new PublishCommand({ topic: "fragile/a", qos: 1, payload: Buffer.from(JSON.stringify(payload)) }),
    );
  const logged = async (filterPattern: string) => {
    const { events = [] } = await new CloudWatchLogsClient(config).send(
      new FilterLogEventsCommand({ logGroupName: stack.logGroupName, filterPattern }),
    );
    return events.filter(({ message }) => message?.includes(filterPattern.replace(/"/g, ""))).length;
  };

  it("that fails runs three times and ends in the failure queue with its event and reason, the error action silent", async () => {
    await publish({ n: "seven" });
    const [failed, ...others] = await stack.failures.waitForMessages<Failed>(1);
    expect(others).to.deep.equal([]);
    expect(failed?.requestPayload).to.deep.equal({ n: "seven" });
    expect(failed?.requestContext).to.include({ condition: "RetriesExhausted", approximateInvokeCount: 3 });
    expect(failed?.responsePayload.errorMessage).to.equal("not a number: seven");
    expect(await logged('"not a number: seven"'), "runs in the log").to.equal(3);
    expect(await stack.undelivered.messages()).to.deep.equal([]);
  });

  it("that is gone fires the error action, once, with the message as it came", async () => {
    await new LambdaClient(config).send(new DeleteFunctionCommand({ FunctionName: stack.functionName }));
    await publish({ n: 8 });
    const [undelivered, ...others] = await stack.undelivered.waitForMessages<Undelivered>(1);
    expect(others).to.deep.equal([]);
    expect(undelivered).to.include({ ruleName: "thingstack_test_fragile", topic: "fragile/a" });
    expect(undelivered?.failures.map(({ failedAction }) => failedAction)).to.deep.equal(["LambdaAction"]);
    expect(undelivered?.failures[0]?.failedResource).to.include(stack.functionName);
    expect(JSON.parse(Buffer.from(undelivered!.base64OriginalPayload, "base64").toString())).to.deep.equal({ n: 8 });
    await publish({ n: 9 });
    await stack.undelivered.waitForMessages<Undelivered>(2);
    expect(await stack.undelivered.messages(), "one message for each publish").to.have.length(2);
    expect(await stack.failures.messages(), "only the failure of the first test").to.have.length(1);
  });
});
