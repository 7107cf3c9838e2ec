import {
  CodeDeployClient,
  GetDeploymentCommand,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { dryRunKey } from "./dryRun";

/** What CodeDeploy calls a hook with. */
export interface TrafficHookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/** What a hook knows of the release, and can do. */
export interface TrafficHookContext {
  readonly deploymentId: string;
  readonly functionName: string;
  /** The version that has the traffic when the release begins. */
  readonly currentVersion: string;
  /** The version that is to get it. */
  readonly targetVersion: string;
  /**
   * Calls the new version with an event, and answers with its result. The call is real, with all that the function does.
   * @throws Error with the function's own message when it fails
   */
  invoke<Result = unknown>(event: unknown): Promise<Result>;
}

/** Says whether a version is good: by returning, it is; by throwing, it is not, and the error is why. */
export type TrafficHook = (release: TrafficHookContext) => Promise<unknown>;

/** Milliseconds before Lambda would end the hook: time enough to tell CodeDeploy, which otherwise waits for an hour. */
const reserve = 3_000;

/**
 * A lifecycle hook of CodeDeploy: asks the new version for a dry run (see dryRun.ts), then lets the user's hook judge. In
 * any case CodeDeploy is told: when the hook throws, when it does not come to an end, when the version can't even start.
 */
export function trafficHook(hook?: TrafficHook) {
  const codeDeploy = new CodeDeployClient({});
  const lambda = new LambdaClient({});

  const call = async (functionName: string, version: string, event: unknown) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: `${functionName}:${version}`, Payload: JSON.stringify(event ?? null) }),
    );
    const text = Payload?.transformToString() ?? "";
    const result = text === "" ? undefined : JSON.parse(text);
    if (FunctionError) throw new Error(`version ${version} fails: ${result?.errorMessage ?? text}`);
    return result;
  };

  const judge = async (deploymentId: string) => {
    const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    const appSpec = JSON.parse(deploymentInfo?.revision?.appSpecContent?.content ?? "{}");
    const { Name, CurrentVersion, TargetVersion } = (Object.values(appSpec.Resources[0])[0] as AppSpecFunction)
      .Properties;
    const answer = await call(Name, TargetVersion, { [dryRunKey]: deploymentId });
    if (answer?.ready !== true) {
      const reason = answer?.reason && `fails on an event of its trigger: ${answer.reason}`;
      throw new Error(`version ${TargetVersion} ${reason ?? "gives no answer to a dry run"}`);
    }
    console.info(JSON.stringify({ message: "dry run", deploymentId, version: TargetVersion, ran: answer.ran }));
    await hook?.({
      deploymentId,
      functionName: Name,
      currentVersion: CurrentVersion,
      targetVersion: TargetVersion,
      invoke: (event) => call(Name, TargetVersion, event),
    });
  };

  return async (event: TrafficHookEvent, context: Context) => {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
    const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - reserve);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the hook did not end within ${milliseconds} ms`)), milliseconds);
    });
    let reason: string | undefined;
    try {
      await Promise.race([judge(deploymentId), late]);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ level: "ERROR", message: "refused", deploymentId, reason }));
    } finally {
      clearTimeout(timer);
    }
    const status = reason === undefined ? "Succeeded" : "Failed";
    await codeDeploy.send(
      new PutLifecycleEventHookExecutionStatusCommand({ deploymentId, lifecycleEventHookExecutionId, status }),
    );
    return { status, reason };
  };
}

interface AppSpecFunction {
  readonly Properties: { readonly Name: string; readonly CurrentVersion: string; readonly TargetVersion: string };
}
