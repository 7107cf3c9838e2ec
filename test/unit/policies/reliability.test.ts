import { arns } from "./compliantStack";
import { type TestResource, unknown } from "./support";
import { type Row, remove, table } from "./table";

const set = (on: string, title: string, change: object, finds: string[] = [], says?: RegExp): Row => ({
  title,
  on,
  change: (props) => {
    Object.assign(props, change);
  },
  finds,
  says,
});

const gone = (name: string, title: string, finds: string[], says?: RegExp): Row => ({
  title,
  on: name,
  change: (_props, _resource, stack) => remove(stack, name),
  finds,
  says,
});

const tags = { project: "a", environment: "b", owner: "c" };
const add = (title: string, resources: TestResource[], finds: string[], says?: RegExp): Row => ({
  title,
  on: "on-failure",
  // Nothing but the added resource can be what calls the worker.
  change: (_props, _resource, stack) => {
    remove(stack, "on-failure");
    remove(stack, "permission");
    remove(stack, "rule");
    stack.push(...resources);
  },
  finds,
  says,
});

describe("policies: reliability", () => {
  describe("rule-error-action", () => {
    table([
      set("rule", "finds a rule without one", { errorAction: undefined }, ["rule-error-action"]),
      set("rule", "finds an empty one", { errorAction: {} }, ["rule-error-action"]),
      set("rule", "takes one that is not known yet", { errorAction: unknown }),
    ]);
  });

  describe("asynchronous-destination", () => {
    const found = ["asynchronous-destination on worker"];
    const worker = ["worker"];
    const live: TestResource = {
      type: "aws:lambda/alias:Alias",
      name: "live",
      props: { name: "live", arn: arns.live, functionName: "worker" },
      dependencies: { functionName: worker },
    };
    table([
      gone("on-failure", "finds a function that a rule calls", found, /permission|rule/),
      set(
        "on-failure",
        "finds a configuration without a destination for failures",
        { destinationConfig: { onSuccess: { destination: "arn" } } },
        found,
      ),
      set("on-failure", "finds that the destination is another function's", { functionName: "other" }, found),
      set("on-failure", "takes an empty qualifier for none, as the AWS provider writes it", { qualifier: "" }),
      set("on-failure", "finds that the destination is for another version", { qualifier: "7" }, found),
      set("on-failure", "takes one whose function is not known yet, by what it was made from", {
        functionName: unknown,
      }),
      {
        title: "takes a dead-letter queue of the function",
        on: "worker",
        change: (props, _resource, stack) => {
          props.deadLetterConfig = { targetArn: arns.failures };
          remove(stack, "on-failure");
        },
      },
      add("leaves a function alone that nobody calls asynchronously", [], []),
      add(
        "leaves a function alone that an API calls",
        [
          {
            type: "aws:lambda/permission:Permission",
            name: "p",
            props: { function: "worker", principal: "apigateway.amazonaws.com", sourceArn: "arn" },
          },
        ],
        [],
      ),
      ...["s3", "sns", "events", "logs", "ses"].map((service) =>
        add(
          `finds a function that ${service} calls`,
          [
            {
              type: "aws:lambda/permission:Permission",
              name: "p",
              props: {
                function: arns.worker,
                principal: `${service}.amazonaws.com`,
                sourceArn: "arn",
                sourceAccount: "1",
              },
            },
          ],
          found,
        ),
      ),
      add(
        "finds a function that a bucket notifies, not known yet",
        [
          {
            type: "aws:s3/bucketNotification:BucketNotification",
            name: "n",
            props: { bucket: "bucket", lambdaFunctions: [{ lambdaFunctionArn: unknown }] },
            dependencies: { lambdaFunctions: worker },
          },
        ],
        found,
      ),
      add(
        "finds a function subscribed to a topic",
        [
          {
            type: "aws:sns/topicSubscription:TopicSubscription",
            name: "s",
            props: { protocol: "lambda", endpoint: arns.worker },
          },
        ],
        found,
      ),
      add(
        "finds a function that an EventBridge rule targets",
        [{ type: "aws:cloudwatch/eventTarget:EventTarget", name: "t", props: { arn: arns.worker } }],
        found,
      ),
      add(
        "finds a function that is scheduled",
        [{ type: "aws:scheduler/schedule:Schedule", name: "s", props: { target: { arn: arns.worker } } }],
        found,
      ),
      add(
        "does not take a function of a longer name for it",
        [{ type: "aws:sns/topicSubscription:TopicSubscription", name: "s", props: { endpoint: `${arns.worker}-2` } }],
        [],
      ),
      {
        title: "finds an alias that is called, whose function's destination is not its own",
        on: "on-failure",
        change: (_props, _resource, stack) => {
          stack.push(live, {
            type: "aws:sns/topicSubscription:TopicSubscription",
            name: "s",
            props: { endpoint: arns.live },
          });
        },
        finds: ["asynchronous-destination on live"],
      },
      {
        title: "finds an alias that a permission is for",
        on: "on-failure",
        change: (_props, _resource, stack) => {
          stack.push(live, {
            type: "aws:lambda/permission:Permission",
            name: "p",
            props: { function: "worker", qualifier: "live", principal: "iot.amazonaws.com", sourceArn: "arn" },
          });
        },
        finds: ["asynchronous-destination on live"],
      },
      {
        title: "takes an alias with a destination of its own",
        on: "on-failure",
        change: (_props, _resource, stack) => {
          stack.push(
            live,
            { type: "aws:sns/topicSubscription:TopicSubscription", name: "s", props: { endpoint: arns.live } },
            {
              type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
              name: "live-on-failure",
              props: {
                functionName: "worker",
                qualifier: "live",
                destinationConfig: { onFailure: { destination: arns.failures } },
              },
            },
          );
        },
      },
    ]);
  });

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

  describe("failure-queue-alarm", () => {
    const found = ["failure-queue-alarm on failures"];
    table([
      gone("failures-alarm", "finds a queue that no alarm watches", found, /takes the failures of /),
      set("failures-alarm", "finds that the alarm is another queue's", { dimensions: { QueueName: "orders" } }, found),
      set(
        "failures-alarm",
        "finds that the alarm watches another metric",
        { metricName: "NumberOfMessagesSent" },
        found,
      ),
      set("failures-alarm", "finds that the alarm is of another namespace", { namespace: "Shop" }, found),
      set("failures-alarm", "finds that the alarm is switched off", { actionsEnabled: false }, found),
      set("failures-alarm", "takes an alarm whose queue is not known yet, by what it was made from", {
        dimensions: { QueueName: unknown },
      }),
      set("failures-alarm", "takes an alarm by a query", {
        namespace: undefined,
        metricName: undefined,
        dimensions: undefined,
        metricQueries: [
          { id: "sum", expression: "m * 1" },
          {
            id: "m",
            metric: {
              namespace: "AWS/SQS",
              metricName: "ApproximateNumberOfMessagesVisible",
              dimensions: { QueueName: "failures" },
            },
          },
        ],
      }),
      {
        ...set("failures-alarm", "takes the metrics of its configuration", {}, found),
        config: { "thingstack-reliability": { "failure-queue-alarm": { metrics: ["ApproximateAgeOfOldestMessage"] } } },
      },
      {
        title: "leaves a queue alone that takes no failures",
        on: "failures-alarm",
        change: (_props, _resource, stack) => {
          for (const name of [
            "failures-alarm",
            "orders",
            "queue-mapping",
            "on-failure",
            "stream-mapping",
            "rule",
            "permission",
          ])
            remove(stack, name);
        },
      },
      ...(
        [
          ["the error action of a rule", "rule"],
          ["the dead letters of a queue", "orders"],
          ["the failures of a stream mapping", "stream-mapping"],
          ["the failures of a function", "on-failure"],
        ] as const
      ).map(
        ([title, only]): Row => ({
          title: `finds a queue that takes ${title}`,
          on: "failures-alarm",
          change: (_props, _resource, stack) => {
            const others = ["rule", "orders", "stream-mapping", "on-failure", "permission"].filter(
              (name) => name !== only,
            );
            for (const name of ["failures-alarm", "queue-mapping", ...others]) remove(stack, name);
            if (only === "rule") stack.find(({ name }) => name === "rule")!.props.lambdas = [];
          },
          finds: found,
          says: new RegExp(`failures of ${only}`),
        }),
      ),
      {
        title: "does not guess between two destinations that are not known yet",
        on: "failures-alarm",
        change: (_props, _resource, stack) => {
          for (const name of ["failures-alarm", "orders", "queue-mapping", "stream-mapping", "rule", "permission"])
            remove(stack, name);
          stack.push({
            type: "aws:sqs/queue:Queue",
            name: "done",
            props: { tags, name: "done", arn: unknown, sqsManagedSseEnabled: true },
          });
          const config = stack.find(({ name }) => name === "on-failure")!;
          config.props.destinationConfig = { onFailure: { destination: unknown }, onSuccess: { destination: unknown } };
          config.dependencies = { destinationConfig: ["failures", "done"] };
        },
      },
    ]);
  });

  describe("alarm-actions, alarm-topic-key", () => {
    table([
      set("failures-alarm", "finds an alarm without an action", { alarmActions: [] }, ["alarm-actions"]),
      set("failures-alarm", "finds that none is set", { alarmActions: undefined }, ["alarm-actions"]),
      set("failures-alarm", "takes actions that are not known yet", { alarmActions: unknown }),
      set(
        "alarms",
        "finds a topic whose key alarms cannot use",
        { kmsMasterKeyId: "alias/aws/sns" },
        ["alarm-topic-key"],
        /failures-alarm cannot publish/,
      ),
      set(
        "alarms",
        "finds that key by its ARN",
        { kmsMasterKeyId: "arn:aws:kms:eu-central-1:123456789012:alias/aws/sns" },
        ["alarm-topic-key"],
      ),
      set("alarms", "says nothing while the key is not known", { kmsMasterKeyId: unknown }),
      {
        title: "leaves topics alone that no alarm publishes to",
        on: "alarms",
        change: (props, _resource, stack) => {
          props.kmsMasterKeyId = "alias/aws/sns";
          for (const alarm of stack.filter(({ type }) => type.includes("MetricAlarm")))
            alarm.props.alarmActions = ["arn:aws:sns:x:1:other"];
        },
      },
    ]);
  });

  describe("state-machine-logging, state-machine-alarm", () => {
    const logging = "state-machine-logging";
    table([
      set("machine", "finds no logging", { loggingConfiguration: undefined }, [logging], /does not log/),
      set("machine", "finds logging switched off", { loggingConfiguration: { level: "OFF" } }, [logging]),
      set("machine", "finds logging to nowhere", { loggingConfiguration: { level: "ALL" } }, [logging], /logs nowhere/),
      set("machine", "takes a log group that is not known yet", {
        loggingConfiguration: { level: "ALL", logDestination: unknown },
      }),
      gone("machine-alarm", "finds no alarm", ["state-machine-alarm on machine"]),
      set("machine-alarm", "finds that the alarm counts other executions", { metricName: "ExecutionsStarted" }, [
        "state-machine-alarm on machine",
      ]),
      set("machine-alarm", "takes an alarm whose state machine is not known yet", {
        dimensions: { StateMachineArn: unknown },
      }),
    ]);
  });

  describe("stateful-protection", () => {
    const policy = "stateful-protection";
    const inStack = (
      stack: string,
      title: string,
      change: (resource: TestResource) => void,
      finds: string[],
      entries?: object,
    ): Row => ({
      title,
      on: "table",
      stack,
      change: (_props, resource) => change(resource),
      finds,
      ...(entries && { config: { "thingstack-reliability": { [policy]: entries } } }),
    });
    const unprotect = (resource: TestResource) => {
      resource.opts = {};
    };
    table([
      inStack("prod", "finds a table that is not protected", unprotect, [policy]),
      inStack("prod-eu", "knows a protected stack by its beginning", unprotect, [policy]),
      inStack("dev", "leaves other stacks alone", unprotect, []),
      inStack("live", "takes the stacks of its configuration", unprotect, [policy], { protectedStacks: ["live"] }),
      inStack("prod", "takes the types of its configuration", unprotect, [], { stateful: ["aws:s3/bucket:Bucket"] }),
      inStack("prod", "finds forceDestroy", (resource) => Object.assign(resource.props, { forceDestroy: true }), [
        policy,
      ]),
    ]);
  });

  describe("reserved-concurrency", () => {
    const policy = "reserved-concurrency";
    const reason = (value: unknown) => ({
      reservedConcurrentExecutions: undefined,
      tags: { ...tags, "thingstack:because/reserved-concurrency": value },
    });
    table([
      set("worker", "finds none", { reservedConcurrentExecutions: undefined }, [policy]),
      set("worker", "finds AWS's word for none", { reservedConcurrentExecutions: -1 }, [policy]),
      set("worker", "takes 0, which stops the function", { reservedConcurrentExecutions: 0 }),
      set("worker", "takes one that is not known yet", { reservedConcurrentExecutions: unknown }),
      set("worker", "takes a reason", reason("called once a day at most")),
      set("worker", "takes a reason that is not known yet", reason(unknown)),
      set("worker", "refuses a reason that is none", reason("not needed"), [policy]),
      set("worker", "says that a reason is of a wrong type", reason(4), [policy], /must be a string, but is a number/),
    ]);
  });

  describe("account-singletons", () => {
    const policy = "account-singletons";
    const indexing = (name: string, props: object = {}): TestResource => ({
      type: "aws:iot/indexingConfiguration:IndexingConfiguration",
      name,
      props,
    });
    const second = (title: string, resource: TestResource, finds: string[]): Row => ({
      title,
      on: "indexing",
      change: (_props, _resource, stack) => {
        stack.push(resource);
      },
      finds,
    });
    table([
      second("finds a second owner in the stack", indexing("other"), [`${policy} on other`]),
      second("takes one in another region", indexing("other", { region: "us-east-1" }), []),
      {
        ...set(
          "indexing",
          "finds a stack that is not among the owners",
          {},
          [policy],
          /shop\/dev is not among its owners \(shop\/account\)/,
        ),
        config: { "thingstack-reliability": { [policy]: { owners: ["shop/account"] } } },
      },
      {
        ...set("indexing", "takes an owner of its configuration", {}),
        config: { "thingstack-reliability": { [policy]: { owners: ["*/account", "shop/*"] } } },
      },
    ]);
  });
});
