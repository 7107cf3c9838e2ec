import { unknown } from "./support";
import { set, table } from "./table";

describe("policies: streams and queues that fail", () => {
  describe("stream-failure-path", () => {
    const policy = "stream-failure-path";
    table([
      set(
        "stream-mapping",
        "finds no bisecting",
        { bisectBatchOnFunctionError: undefined },
        [policy],
        /no bisectBatchOnFunctionError/,
      ),
      set(
        "stream-mapping",
        "finds no retry limit",
        { maximumRetryAttempts: undefined },
        [policy],
        /no maximumRetryAttempts/,
      ),
      set("stream-mapping", "finds AWS's word for without limit", { maximumRetryAttempts: -1 }, [policy]),
      set("stream-mapping", "takes no retries at all", { maximumRetryAttempts: 0 }),
      set(
        "stream-mapping",
        "finds no limit of age",
        { maximumRecordAgeInSeconds: undefined },
        [policy],
        /no maximumRecordAgeInSeconds/,
      ),
      set(
        "stream-mapping",
        "finds no destination",
        { destinationConfig: undefined },
        [policy],
        /no destinationConfig\.onFailure/,
      ),
      set(
        "stream-mapping",
        "finds all that is missing at once",
        { bisectBatchOnFunctionError: false, destinationConfig: {} },
        [policy],
        /bisect.+, no destination/,
      ),
      set("stream-mapping", "takes a destination that is not known yet", {
        destinationConfig: { onFailure: { destinationArn: unknown } },
      }),
      set(
        "stream-mapping",
        "tells a stream by its starting position while its source is not known",
        { eventSourceArn: unknown, destinationConfig: undefined },
        [policy],
      ),
      set(
        "stream-mapping",
        "reads DynamoDB streams too",
        { eventSourceArn: "arn:aws:dynamodb:eu-central-1:1:table/t/stream/x", destinationConfig: undefined },
        [policy],
      ),
      set("queue-mapping", "leaves queues alone", {}),
      set("queue-mapping", "leaves a queue alone while its source is not known", { eventSourceArn: unknown }),
      set(
        "stream-mapping",
        "says that a limit is of a wrong type",
        { maximumRetryAttempts: "3" },
        [policy],
        /must be a number, but is a string/,
      ),
    ]);
  });

  describe("queue-redrive", () => {
    table([
      {
        ...set(
          "orders",
          "finds a queue that is read and has none",
          { redrivePolicy: undefined },
          ["queue-redrive on queue-mapping"],
          /queue orders/,
        ),
      },
      set("orders", "takes one that is not known yet", { redrivePolicy: unknown }),
      {
        title: "takes a redrive policy of its own",
        on: "orders",
        change: (props, _resource, stack) => {
          const redrivePolicy = props.redrivePolicy;
          delete props.redrivePolicy;
          stack.push({
            type: "aws:sqs/redrivePolicy:RedrivePolicy",
            name: "redrive",
            props: { queueUrl: "https://sqs/orders", redrivePolicy },
          });
        },
      },
      {
        title: "finds the queue while the mapping's source is not known, by what it was made from",
        on: "orders",
        change: (props, _resource, stack) => {
          delete props.redrivePolicy;
          stack.find(({ name }) => name === "queue-mapping")!.props.eventSourceArn = unknown;
        },
        finds: ["queue-redrive on queue-mapping"],
      },
    ]);
  });
});
