import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { TopicSubscription } from "../../components";
import type { AwsConfig } from "../../sandbox/aws";
import { type OwnCloud, openOwnCloud } from "./support/ownCloud";
import { QueueView } from "./support/queue";

interface Failed {
  requestContext: { condition: string; approximateInvokeCount: number };
  requestPayload: unknown;
  responsePayload: { errorMessage: string };
}

type Outputs = Record<string, { logGroupName: string; failures: string; undelivered: string }>;

const buffers = ["none", "sqs", "kinesis"] as const;

describe("a callback on a topic, whatever stands between", () => {
  let own: OwnCloud<Outputs>;
  let config: AwsConfig;
  let outputs: Outputs;

  before(async () => {
    own = await openOwnCloud<Outputs>(() =>
      Object.fromEntries(
        buffers.map((buffer) => {
          const { handler, rule } = new TopicSubscription(`by-${buffer}`, {
            description: "Fails on what is not a number",
            topicFilter: `by/${buffer}/+`,
            buffer,
            // The second try of SQS comes after six times this.
            timeout: 1,
            maximumRetryAttempts: 1,
            callbackFactory: () => async (event: { n: unknown }) => {
              if (typeof event.n !== "number") throw new Error(`not a number: ${event.n}`);
              console.log(JSON.stringify({ counted: event.n }));
            },
          });
          return [
            buffer,
            {
              logGroupName: handler.logGroup.name,
              failures: handler.failures.queue.url,
              undelivered: rule.undelivered.queue.url,
            },
          ];
        }),
      ),
    );
    ({ aws: config, outputs } = own);
  });
  after(() => own?.close());

  for (const buffer of buffers) {
    it(`(${buffer}) gets each message, and what it fails on ends in its failure queue with event and reason`, async () => {
      const { logGroupName, failures, undelivered } = outputs[buffer]!;
      const publish = (payload: unknown) =>
        new IoTDataPlaneClient(config).send(
          new PublishCommand({ topic: `by/${buffer}/a`, qos: 1, payload: Buffer.from(JSON.stringify(payload)) }),
        );
      await publish({ n: 7001 });
      await publish({ n: "seven" });
      await publish({ n: 7003 });
      const [failed, ...others] = await new QueueView(config, failures).waitForMessages<Failed>(1);
      expect(others).to.deep.equal([]);
      expect(failed?.requestPayload).to.deep.equal({ n: "seven" });
      expect(failed?.requestContext).to.include({ condition: "RetriesExhausted" });
      // MiniStack counts 3 for any asynchronous call.
      if (buffer !== "none") expect(failed?.requestContext.approximateInvokeCount).to.equal(2);
      expect(failed?.responsePayload.errorMessage).to.equal("not a number: seven");
      const logs = new CloudWatchLogsClient(config);
      const counted = async (n: number) =>
        (await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: String(n) }))).events ?? [];
      for (const n of [7001, 7003]) await waitFor(`${n} in the log`, async () => (await counted(n)).length > 0);
      expect(await new QueueView(config, undelivered).messages()).to.deep.equal([]);
    });
  }
});
