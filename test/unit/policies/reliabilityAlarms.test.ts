import { unknown } from "./support";
import { gone, type Row, remove, set, table, tags } from "./table";

/** An alarm without an action, beside a composite alarm. */
const underComposite = (title: string, props: object, finds: string[] = []): Row => ({
  title,
  on: "failures-alarm",
  finds,
  change: (alarm, _resource, stack) => {
    alarm.alarmActions = [];
    const type = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
    const all = {
      tags,
      alarmName: "rings",
      alarmDescription: "Orders fail",
      alarmActions: ["arn:aws:sns:x:1:other"],
      ...props,
    };
    stack.push({ type, name: "rings", props: all, dependencies: { alarmRule: ["failures-alarm"] } });
  },
});

describe("policies: alarms", () => {
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
      underComposite("takes one that rings as part of a composite alarm", {
        alarmRule: 'ALARM("failures-alarm") OR ALARM("other")',
      }),
      underComposite("takes one whose name in the rule is not known yet", {
        alarmRule: unknown,
      }),
      underComposite("finds one whose name is only part of another's", { alarmRule: 'ALARM("failures-alarm-2")' }, [
        "alarm-actions",
      ]),
      underComposite(
        "finds that the composite alarm tells nobody",
        { alarmRule: "ALARM(failures-alarm)", alarmActions: [] },
        ["alarm-actions on rings"],
      ),
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
});
