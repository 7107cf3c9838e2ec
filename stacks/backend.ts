import {
  AnomalyReminder,
  DevicePolicy,
  NotificationTopic,
  Observability,
  ShadowDevice,
  TelemetryPipeline,
  TopicSubscription,
} from "../components";
import { deviceLog } from "../functions/deviceLog";
import { api } from "./api";
import type { StackConfig } from "./config";

/** The backend of the fleet: what is deployed to every account, and to the laptop. */
export function backend(config: StackConfig) {
  const alarms = new NotificationTopic("alarms", { emails: config.alarmEmails, protectData: config.protect });
  const reminders = new NotificationTopic("reminders", { emails: config.reminderEmails, key: alarms.key });
  const observability = new Observability("fleet", {
    alarmTopicArn: alarms.arn,
    logRetentionInDays: config.logRetentionInDays,
    thresholds: config.alarms,
  });
  const { operations } = observability;

  const overheated = new AnomalyReminder("overheated", {
    flag: "overheated",
    interval: config.reminderInterval,
    count: config.reminderCount,
    topicArn: reminders.arn,
    protectData: config.protect,
    ...operations,
  });
  const deviceLogs = new TopicSubscription("device-log", {
    description: "Writes what devices log about themselves",
    topicFilter: "my/things/+/log",
    select: "*, topic(3) AS deviceId",
    callbackFactory: deviceLog,
    reservedConcurrency: config.deviceLogConcurrency,
    ...operations,
  });

  const telemetry = new TelemetryPipeline("telemetry", {
    topicFilter: "my/things/+/state",
    batchingWindow: config.telemetryWindow,
    protectData: config.protect,
    ...operations,
  });

  const policy = new DevicePolicy("device");
  const devices = config.devices.map((name) => new ShadowDevice(name, { policy }));

  const people = api(
    config,
    { iotArn: policy.policy.arn.apply(accountOf), anomalies: { overheated }, telemetry },
    operations,
  );

  observability.finish();
  return {
    alarmTopicArn: alarms.arn,
    failureQueues: observability.failureQueues,
    overheated: reminderOutputs(overheated, reminders, config),
    deviceLog: subscriptionOutputs(deviceLogs),
    telemetry: telemetryOutputs(telemetry),
    ...people.outputs,
    devicePolicyName: policy.policy.name,
    devices: devices.map(({ thing, certificatePem, privateKey }) => ({
      thingName: thing.name,
      certificatePem,
      privateKey,
    })),
  };
}

/** `arn:aws:iot:<region>:<account>` of something in AWS IoT. */
const accountOf = (arn: string) => arn.split(":").slice(0, 5).join(":");

/** What an app needs to end a reminder, and an operator to look after it. */
function reminderOutputs(reminder: AnomalyReminder, topic: NotificationTopic, config: StackConfig) {
  return {
    topicArn: topic.arn,
    tableName: reminder.table.name,
    historyTableName: reminder.history.name,
    stateMachineArn: reminder.loop.stateMachine.arn,
    startFunctionName: reminder.start.function.name,
    remindFunctionName: reminder.remind.function.name,
    untoldQueueUrl: reminder.loop.untold.queue.url,
    interval: config.reminderInterval,
    count: config.reminderCount,
  };
}

/** What a person needs to ask for data, and an operator to look after it. */
function telemetryOutputs({ catalog, bucket, stream, store, rule }: TelemetryPipeline) {
  return {
    databaseName: catalog.database.name,
    workgroupName: catalog.workgroup.name,
    bucketName: bucket.bucket.bucket,
    streamName: stream.stream.name,
    storeFunctionName: store.function.name,
    failureQueueUrl: store.failures.queue.url,
    undeliveredQueueUrl: rule.undelivered.queue.url,
  };
}

/** What an operator needs to look after a subscription. */
function subscriptionOutputs({ handler, rule }: TopicSubscription<never, unknown>) {
  return {
    functionName: handler.function.name,
    logGroupName: handler.logGroup.name,
    failureQueueUrl: handler.failures.queue.url,
    undeliveredQueueUrl: rule.undelivered.queue.url,
  };
}
