import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  AlarmGroup,
  AnomalyReminder,
  LogExport,
  NotificationTopic,
  Observability,
  type OperationsArgs,
  TelemetryPipeline,
  TopicSubscription,
} from "../../components";
import { watchApi } from "../../components/observability/resourceAlarms";

/** What a device may send to the listeners of this program. */
export interface Message {
  readonly n?: number;
  /** Milliseconds that the function takes. */
  readonly takes?: number;
}

/** Fails on what has no number, until its environment says that it was mended. */
const listen = () => async (message: Message) => {
  if (message.takes) await new Promise((resolve) => setTimeout(resolve, message.takes));
  else if (typeof message.n !== "number" && process.env.MENDED !== "true") throw new Error("no number");
  console.log(JSON.stringify({ counted: message }));
};

/** What has no component here: an API. */
class Watched extends pulumi.ComponentResource {
  constructor(name: string, operations: OperationsArgs) {
    super("thingstack:test:Watched", name);
    const alarms = AlarmGroup.of(this, name, operations);
    watchApi(alarms, `${name}-api`, { apiName: "fleet", stageName: "v1" }, { parent: this });
    alarms.close(this);
  }
}

/** A program in which every kind of alarm is, and every kind of failure queue. */
export function program() {
  const people = new NotificationTopic("people");
  const inbox = new aws.sqs.Queue("inbox");
  new aws.sqs.QueuePolicy("inbox", {
    queueUrl: inbox.url,
    policy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: inbox.arn,
        },
      ],
    }),
  });
  new aws.sns.TopicSubscription("inbox", {
    topic: people.arn,
    protocol: "sqs",
    endpoint: inbox.arn,
    filterPolicyScope: "MessageBody",
    filterPolicy: JSON.stringify({ AlarmName: ["thingstack-test-direct"] }),
  });
  // Twenty seconds, where AWS has minutes.
  const thresholds = { period: 20, quietPeriods: 1 };
  const observability = new Observability("fleet", { alarmTopicArn: people.arn, thresholds });
  const { operations } = observability;
  const settings = { callbackFactory: listen, timeout: 1, maximumRetryAttempts: 0, ...operations };

  const listeners = {
    direct: new TopicSubscription<Message, void>("direct", {
      description: "Counts numbers",
      topicFilter: "direct/+",
      reservedConcurrency: 10,
      ...settings,
    }),
    buffered: new TopicSubscription<Message, void>("buffered", {
      description: "Counts numbers from a queue",
      topicFilter: "buffered/+",
      buffer: "sqs",
      ...settings,
    }),
    slow: new TopicSubscription<Message, void>("slow", {
      description: "Counts numbers, and takes its time",
      topicFilter: "slow/+",
      ...settings,
    }),
    refused: new TopicSubscription<Message, void>("refused", {
      description: "Counts numbers, when it may",
      topicFilter: "refused/+",
      ...settings,
    }),
  };
  const telemetry = new TelemetryPipeline("telemetry", {
    topicFilter: "state/+",
    batchingWindow: 0,
    maximumRetryAttempts: 0,
    ...operations,
  });
  const overheated = new AnomalyReminder("overheated", { flag: "overheated", topicArn: people.arn, ...operations });
  new Watched("watched", operations);
  new LogExport("export", {
    url: "https://intake.example.com/v1/input",
    secretArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:logs",
    logGroups: observability.logGroups,
    ...operations,
  });
  observability.finish();
  const { handler, rule } = listeners.direct;
  return {
    failureQueues: observability.failureQueues,
    inboxUrl: inbox.url,
    stateMachineArn: overheated.loop.stateMachine.arn,
    storeFunctionName: telemetry.store.name,
    bucketName: telemetry.bucket.bucket.bucket,
    directRuleArn: rule.rule.arn,
    directLogGroupName: handler.logGroup.name,
    functionNames: Object.fromEntries(Object.entries(listeners).map(([name, one]) => [name, one.handler.name])),
  };
}

export interface Outputs {
  readonly failureQueues: readonly { readonly name: string; readonly url: string; readonly replayTo?: string }[];
  readonly inboxUrl: string;
  readonly stateMachineArn: string;
  readonly storeFunctionName: string;
  readonly bucketName: string;
  readonly directRuleArn: string;
  readonly directLogGroupName: string;
  readonly functionNames: Readonly<Record<"direct" | "buffered" | "slow" | "refused", string>>;
}
