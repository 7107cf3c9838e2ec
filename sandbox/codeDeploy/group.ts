import type { AlarmConfiguration, AutoRollbackConfiguration, DeploymentStyle } from "@aws-sdk/client-codedeploy";
import { CodeDeployError } from "./errors";

/** A deployment group: how the deployments of one function go. */
export interface Group {
  readonly deploymentGroupId: string;
  readonly applicationName: string;
  /** Replaced as a whole, so what runs keeps those that it began with. */
  settings: GroupSettings;
  readonly tags: Map<string, string>;
}

export interface GroupSettings {
  readonly deploymentGroupName: string;
  readonly deploymentConfigName?: string;
  readonly serviceRoleArn: string;
  readonly alarmConfiguration?: AlarmConfiguration;
  readonly autoRollbackConfiguration?: AutoRollbackConfiguration;
  readonly deploymentStyle?: DeploymentStyle;
}

const stops: Readonly<Record<string, string>> = {
  ALARM_ACTIVE: "DEPLOYMENT_STOP_ON_ALARM",
  MANUAL_STOP: "DEPLOYMENT_STOP_ON_REQUEST",
};
const failure = "DEPLOYMENT_FAILURE";
const rollbackEvents: readonly string[] = [failure, ...Object.values(stops)];

/** What a group is asked to roll back on, by the code that a deployment ended with. */
export const rollbackEventOf = (code: string): string => stops[code] ?? failure;

const mostAlarms = 10;

/** @throws CodeDeployError as CreateDeploymentGroup does */
export function checkSettings(settings: Partial<GroupSettings>): void {
  const { serviceRoleArn, alarmConfiguration, autoRollbackConfiguration } = settings;
  if (!serviceRoleArn) throw new CodeDeployError("RoleRequiredException", "The serviceRoleArn is missing");
  if (!/^arn:aws:iam::\d{12}:role\/.+$/.test(serviceRoleArn)) {
    throw new CodeDeployError("InvalidRoleException", `${serviceRoleArn} is no ARN of a role`);
  }
  if (alarmConfiguration) checkAlarms(alarmConfiguration);
  if (autoRollbackConfiguration) checkRollback(autoRollbackConfiguration);
}

function checkAlarms({ enabled, alarms = [] }: AlarmConfiguration): void {
  const refuse = (why: string): never => {
    throw new CodeDeployError("InvalidAlarmConfigException", `The alarm configuration is invalid: ${why}`);
  };
  const names = alarms.map(({ name }) => name ?? "");
  if (names.length > mostAlarms) {
    const message = `A deployment group has up to ${mostAlarms} alarms, not ${names.length}`;
    throw new CodeDeployError("AlarmsLimitExceededException", message);
  }
  if (enabled && names.length === 0) refuse("it is enabled, but has no alarms");
  if (names.some((name) => name === "" || name.length > 255)) refuse("an alarm's name has 1 to 255 characters");
  if (new Set(names).size < names.length) refuse("an alarm is in it twice");
}

function checkRollback({ enabled, events = [] }: AutoRollbackConfiguration): void {
  const unknown = events.find((event) => !rollbackEvents.includes(event));
  if (unknown === undefined && (!enabled || events.length > 0)) return;
  const why = unknown === undefined ? "it is enabled, but has no events" : `there is no event ${unknown}`;
  throw new CodeDeployError("InvalidAutoRollbackConfigException", `The automatic rollback is invalid: ${why}`);
}
