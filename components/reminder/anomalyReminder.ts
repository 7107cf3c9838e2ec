import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { remind } from "../../functions/reminder/remind";
import { anomalyKind, firstState, type LoopState } from "../../functions/reminder/reminderLoop";
import { startReminder } from "../../functions/reminder/startReminder";
import { dynamoDBEvent } from "../../functions/runtime/sampleEvents";
import {
  deleteItems,
  publishMqtt,
  publishTo,
  putItems,
  readItems,
  readStream,
  startExecutionsOf,
  updateItems,
  writeItems,
} from "../access/grants";
import { ArgumentErrors } from "../args/argumentErrors";
import { topicName, wholeNumber } from "../args/checks";
import { Handler } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import type { OperationsArgs } from "../observability/operations";
import { watchConsumer, watchTable } from "../observability/resourceAlarms";
import { Rule } from "../rules/rule";
import { type AnomalyConditions, checkConditions, conditionsOf } from "./anomalyConditions";
import { anomalyTable, historyTable } from "./anomalyTables";
import { ReminderLoop } from "./reminderLoop";

export interface AnomalyReminderArgs extends AnomalyConditions, OperationsArgs {
  /**
   * Seconds from the anomaly to the first reminder and from each reminder to the next: 1 to a year. All reminders together
   * must fit into a year, the longest life of an execution of Step Functions.
   * @default 300
   */
  readonly interval?: pulumi.Input<number>;
  /**
   * How many reminders are sent at most, 1 to 1,000.
   * @default 5
   */
  readonly count?: pulumi.Input<number>;
  /** ARN of the SNS topic that people are told on. */
  readonly topicArn: pulumi.Input<string>;
  /**
   * The MQTT topic that apps are told on; `{thing}` stands for the thing's name.
   * @default "my/things/{thing}/reminders"
   */
  readonly appTopic?: string;
  /**
   * Days that the history of an anomaly is kept once it is over, 1 to 3,650.
   * @default 90
   */
  readonly historyDays?: pulumi.Input<number>;
  /**
   * Whether the tables are protected from deletion, by Pulumi and by DynamoDB.
   * @default false
   */
  readonly protectData?: boolean;
}

const year = 365 * 24 * 3600;

/**
 * Reminds people of an anomaly that a device reports in its shadow, at exact intervals, until it is over or was told often
 * enough. Nothing runs, and nothing is paid, while no anomaly stands.
 *
 * A rule listens to accepted shadow updates and writes the anomaly into a table; the table's stream starts one loop for each
 * new item; the loop waits, looks whether the item still stands, reminds, and goes on. It ends when the item is gone: a
 * second rule deletes it when the device reports that all is well, and an app may delete it too
 * (`{ deviceId, kind: "anomaly" }`). A device that repeats its report starts nothing; one that recovers and fails again is
 * followed by one loop, the new one. Who knows and wants no more reminders while the anomaly stands acknowledges it: an app
 * sets `acknowledgedAt` of the loop's item (`{ deviceId, kind: "loop" }`), and the loop ends when it looks the next time.
 *
 * The table `history` has a record of each anomaly: when it began, each reminder, who acknowledged it, when it was over.
 *
 * ```ts
 * new AnomalyReminder("overheated", { flag: "overheated", interval: 300, count: 5, topicArn: people.arn });
 * ```
 *
 * The reminder is JSON (`{ reminderId, anomaly, deviceId, index, count, openedAt, dueAt }`), and a sentence for e-mail and
 * SMS. It can arrive twice (AWS delivers at least once): `reminderId` tells.
 */
export class AnomalyReminder extends pulumi.ComponentResource {
  /** The anomalies that stand, by `deviceId` and `kind`. */
  readonly table: aws.dynamodb.Table;
  /** What became of each anomaly, and when each reminder was told, by `deviceId` and `openedAt`. */
  readonly history: aws.dynamodb.Table;
  /** Writes an anomaly when a device reports it. */
  readonly raised: Rule;
  /** Deletes it when the device reports that it is over. */
  readonly solved: Rule;
  /** Starts a loop for each new anomaly. */
  readonly start: Handler<DynamoDBStreamEvent>;
  readonly loop: ReminderLoop;
  /** Looks whether an anomaly stands, and tells people; called by the loop. */
  readonly remind: Handler<LoopState>;

  constructor(name: string, args: AnomalyReminderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:AnomalyReminder", name, {}, opts);
    const { interval, count, historyDays, appTopic } = checkArgs(name, args);
    const { raised, solved } = conditionsOf(args);
    const alarms = AlarmGroup.of(this, name, args);
    const { operations } = alarms;
    const parent = { parent: this };

    this.table = anomalyTable(name, args.protectData ?? false, parent);
    this.history = historyTable(name, args.protectData ?? false, parent);
    this.raised = new Rule(
      `${name}-raised`,
      {
        description: `Notes the anomaly ${name} when a device reports it`,
        sql:
          `SELECT *, topic(3) AS deviceId, '${anomalyKind}' AS kind, timestamp() AS openedAt, traceid() AS traceId ` +
          `FROM '$aws/things/+/shadow/update/accepted' WHERE ${raised}`,
        grants: [putItems(this.table)],
        actions: (roleArn) => ({ dynamodbv2s: [{ roleArn, putItem: { tableName: this.table.name } }] }),
        ...operations,
      },
      parent,
    );
    this.solved = new Rule(
      `${name}-solved`,
      {
        description: `Deletes the anomaly ${name} when the device reports that it is over`,
        sql: `SELECT topic(3) AS deviceId FROM '$aws/things/+/shadow/update/accepted' WHERE ${solved}`,
        grants: [deleteItems(this.table)],
        actions: (roleArn) => ({
          dynamodbs: [
            {
              roleArn,
              tableName: this.table.name,
              operation: "DELETE",
              hashKeyField: "deviceId",
              hashKeyValue: "${topic(3)}",
              rangeKeyField: "kind",
              rangeKeyValue: anomalyKind,
            },
          ],
        }),
        ...operations,
      },
      parent,
    );

    this.remind = new Handler(
      `${name}-remind`,
      {
        description: `Looks whether the anomaly ${name} still stands and reminds of it`,
        callbackFactory: remind,
        dryRunEvent: () =>
          firstState(
            { deviceId: "generated", openedAt: Date.now(), eventId: "generated", sequenceNumber: "111" },
            { interval: 1, count: 1 },
          ),
        unreservedBecause: "called once per anomaly and interval - the state machine tries again when throttled",
        environment: {
          TABLE_NAME: this.table.name,
          HISTORY_TABLE_NAME: this.history.name,
          ANOMALY: name,
          TOPIC_ARN: args.topicArn,
          APP_TOPIC: appTopic,
        },
        grants: [
          readItems(this.table),
          updateItems(this.history),
          publishTo(args.topicArn),
          publishMqtt(topicArnOf(this.raised.rule.arn, appTopic.replace("{thing}", "*"))),
        ],
        ...operations,
      },
      parent,
    );
    this.loop = new ReminderLoop(name, { remind: this.remind, ...operations }, parent);
    this.start = new Handler(
      `${name}-start`,
      {
        description: `Starts a reminder loop for each new anomaly ${name} and notes its history`,
        callbackFactory: startReminder,
        dryRunEvent: () => {
          const keys = { deviceId: { S: "generated" }, kind: { S: anomalyKind } };
          return dynamoDBEvent(keys, { ...keys, openedAt: { N: String(Date.now()) } });
        },
        // A record that is tried again has to meet the code that tried it before.
        rollout: "AllAtOnce",
        unreservedBecause: "called for one batch at a time per shard of the stream",
        environment: {
          TABLE_NAME: this.table.name,
          HISTORY_TABLE_NAME: this.history.name,
          HISTORY_DAYS: pulumi.interpolate`${historyDays}`,
          STATE_MACHINE_ARN: this.loop.stateMachine.arn,
          INTERVAL: pulumi.interpolate`${interval}`,
          COUNT: pulumi.interpolate`${count}`,
        },
        grants: [
          readStream(this.table),
          writeItems(this.table),
          updateItems(this.history),
          startExecutionsOf(this.loop.stateMachine.arn),
        ],
        ...operations,
      },
      parent,
    );
    new aws.lambda.EventSourceMapping(
      `${name}-stream`,
      {
        eventSourceArn: this.table.streamArn,
        functionName: this.start.arn,
        startingPosition: "TRIM_HORIZON",
        batchSize: 10,
        filterCriteria: { filters: [{ pattern: JSON.stringify(comingAndGoing) }] },
        functionResponseTypes: ["ReportBatchItemFailures"],
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 5,
        maximumRecordAgeInSeconds: 6 * 3600,
        destinationConfig: { onFailure: { destinationArn: this.start.failures.queue.arn } },
      },
      parent,
    );
    watchConsumer(alarms, `${name}-start`, { functionName: this.start.name }, parent);
    watchTable(alarms, name, this.table, parent);
    watchTable(alarms, `${name}-history`, this.history, parent);
    alarms.close(this);

    this.registerOutputs({
      table: this.table,
      history: this.history,
      raised: this.raised,
      solved: this.solved,
      start: this.start,
      remind: this.remind,
      loop: this.loop,
    });
  }
}

/** What appears starts a loop, what goes ends its history: a repeated report is a MODIFY, the loop's item of another kind. */
const comingAndGoing = { eventName: ["INSERT", "REMOVE"], dynamodb: { Keys: { kind: { S: [anomalyKind] } } } };

/** The ARN of an MQTT topic in the account and region of a rule. */
function topicArnOf(ruleArn: pulumi.Output<string>, topic: string): pulumi.Output<string> {
  return ruleArn.apply((arn) => `${arn.split(":").slice(0, 5).join(":")}:topic/${topic}`);
}

function checkArgs(name: string, args: AnomalyReminderArgs) {
  const errors = new ArgumentErrors(`AnomalyReminder ${JSON.stringify(name)}`);
  checkConditions(errors, args);
  const appTopic = args.appTopic ?? "my/things/{thing}/reminders";
  errors.check("appTopic", appTopic, (topic) => topicName(String(topic).replace("{thing}", "a-thing")));
  const interval = errors.input("interval", args.interval, 300, wholeNumber(1, year, "seconds"));
  const count = errors.input("count", args.count, 5, wholeNumber(1, 1000));
  const historyDays = errors.input("historyDays", args.historyDays, 90, wholeNumber(1, 3650, "days"));
  const { interval: seconds = 300, count: times = 5 } = args;
  if (typeof seconds === "number" && typeof times === "number" && seconds <= year && seconds * times > year) {
    errors.add("count", `all reminders together take ${seconds * times} s; Step Functions ends a loop after a year`);
  }
  if (args.topicArn === undefined) errors.add("topicArn", "must be the ARN of the SNS topic that people are told on");
  errors.throwIfAny();
  return { interval, count, historyDays, appTopic };
}
