import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { assumeRole } from "../assumedRole";
import { type AwsTarget, awsConfig } from "../aws";

/** What a hook is called with. */
export interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/** What a deployment asks of Lambda and CloudWatch. */
export interface DeploymentCalls {
  /** The version that an alias points at. */
  versionOf(functionName: string, alias: string): Promise<string | undefined>;
  moveAlias(functionName: string, alias: string, version: string): Promise<void>;
  /** Calls a hook, and waits for no answer. @returns seconds until Lambda ends it */
  callHook(functionName: string, event: HookEvent): Promise<number>;
  /** The names of those alarms that are in the state ALARM. */
  ringing(alarms: readonly string[]): Promise<string[]>;
  close(): void;
}

/**
 * Hooks are called and alarms looked at with the service role's rights; the alias is moved as the account's root, as
 * MiniStack's IAM takes every call about one alias for ListAliases.
 */
export function awsCalls(target: AwsTarget, serviceRoleArn: string): DeploymentCalls {
  const config = { ...awsConfig(target), requestHandler: new NodeHttpHandler() };
  const sts = new STSClient(config);
  const asRole = { ...config, credentials: () => assumeRole(sts, serviceRoleArn, "codedeploy") };
  const lambda = new LambdaClient(asRole);
  const cloudWatch = new CloudWatchClient(asRole);
  const root = new LambdaClient(config);

  return {
    async versionOf(FunctionName, Name) {
      return (await root.send(new GetAliasCommand({ FunctionName, Name }))).FunctionVersion;
    },
    async moveAlias(FunctionName, Name, FunctionVersion) {
      const RoutingConfig = { AdditionalVersionWeights: {} };
      await root.send(new UpdateAliasCommand({ FunctionName, Name, FunctionVersion, RoutingConfig }));
    },
    async callHook(FunctionName, event) {
      const { Timeout = 900 } = await root.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const Payload = Buffer.from(JSON.stringify(event));
      await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
      return Timeout;
    },
    async ringing(alarms) {
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [...alarms], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
      );
      const active = [...MetricAlarms, ...CompositeAlarms].filter(({ StateValue }) => StateValue === "ALARM");
      return active.map(({ AlarmName = "" }) => AlarmName);
    },
    close() {
      for (const client of [sts, lambda, cloudWatch, root]) client.destroy();
    },
  };
}
