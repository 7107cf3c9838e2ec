import {
  AccountIot,
  AnomalyReminder,
  DevicePolicy,
  FirmwareRollout,
  LiveFunctions,
  LogExport,
  NotificationTopic,
  Observability,
  ShadowDevice,
  TelemetryPipeline,
  TopicSubscription,
} from "../components";
import { deviceLog } from "../functions/deviceLog";
import { api } from "./api";
import type { StackConfig } from "./config";
import { adminConsole } from "./console";

/** The backend of the fleet: what is deployed to every account, and to the laptop. */
export function backend(config: StackConfig) {
  const alarms = new NotificationTopic("alarms", { emails: config.alarmEmails, protectData: config.protect });
  const reminders = new NotificationTopic("reminders", { emails: config.reminderEmails, key: alarms.key });
  const observability = new Observability("fleet", {
    alarmTopicArn: alarms.arn,
    logRetentionInDays: config.logRetentionInDays,
    thresholds: config.alarms,
  });
  const liveFunctions = new LiveFunctions("live", { rollout: config.rollout, ...observability.operations });
  const operations = { ...observability.operations, liveFunctions };

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
    select: "*, topic(3) AS deviceId, traceid() AS traceId",
    callbackFactory: deviceLog,
    dryRunEvent: () => ({ deviceId: "generated", level: "debug", message: "a dry run" }),
    reservedConcurrency: config.deviceLogConcurrency,
    ...operations,
  });

  const telemetry = new TelemetryPipeline("telemetry", {
    topicFilter: "my/things/+/state",
    batchingWindow: config.telemetryWindow,
    protectData: config.protect,
    ...operations,
  });

  const releases = new NotificationTopic("releases", { emails: config.alarmEmails, key: alarms.key });
  const firmware = new FirmwareRollout("firmware", {
    apps: config.apps,
    account: config.ownsAccountIot ? new AccountIot("account", { protectData: config.protect }) : "owned elsewhere",
    topicArn: releases.arn,
    // A bad release stops by itself, and a device that hangs does not hold it up.
    defaultRollout: { abort: [{ thresholdPercentage: 20, minNumberOfExecutedThings: 10 }], timeoutInMinutes: 60 },
    protectData: config.protect,
    ...operations,
  });

  const policy = new DevicePolicy("device", { readOnlyShadows: ["apps"] });
  const devices = config.devices.map((name) => {
    const version = config.deviceVersions[name];
    const apps = version === undefined ? undefined : { [config.apps[0] as string]: version };
    return new ShadowDevice(name, { policy, firmware, apps });
  });

  const people = api(
    config,
    {
      iotArn: policy.policy.arn.apply(accountOf),
      anomalies: { overheated },
      telemetry,
      firmware: { bucket: firmware.bucket.bucket, releases: firmware.releases, results: firmware.results },
    },
    operations,
  );

  if (config.logExportUrl) {
    new LogExport("log-export", {
      url: config.logExportUrl,
      secretArn: config.logExportSecretArn,
      logGroups: observability.logGroups,
      ...operations,
    });
  }
  observability.finish();
  return {
    alarmTopicArn: alarms.arn,
    failureQueues: observability.failureQueues,
    overheated: reminderOutputs(overheated, reminders, config),
    deviceLog: subscriptionOutputs(deviceLogs),
    telemetry: telemetryOutputs(telemetry),
    firmware: firmwareOutputs(firmware, releases),
    ...people.outputs,
    ...adminConsole(config, people.component, people.signIn),
    liveFunctions: { applicationName: liveFunctions.application.name, functions: liveFunctions.functions },
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

/** What `npm run release` works with, and an operator looks after. */
function firmwareOutputs(firmware: FirmwareRollout, topic: NotificationTopic) {
  return {
    apps: firmware.apps,
    maximumArtifactSize: firmware.maximumArtifactSize,
    bucketName: firmware.bucket.bucket.bucket,
    releasesTableName: firmware.releases.name,
    resultsTableName: firmware.results.name,
    topicArn: topic.arn,
    stateMachineArn: firmware.machine.stateMachine.arn,
    startFunctionName: firmware.start.name,
    endedFunctionName: firmware.versions.ended.handler.name,
    claimsFunctionName: firmware.versions.claims.handler.name,
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
