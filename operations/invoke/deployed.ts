import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { assumeRole } from "../../sandbox/assumedRole";
import type { LiveFunctionsOutput } from "../deploy/release";
import { outputOf, type Place } from "../place";
import type { ProgramFunction } from "./program";

/** What a function that runs on this machine takes over from the one that is deployed. */
export interface Deployed {
  readonly functionName: string;
  readonly functionArn: string;
  /** Its settings, the AWS endpoint and its credentials. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Finds the deployed function: its settings name real tables, topics and queues, so that the call has real effects.
 * On the local cloud the call has exactly the rights of the function's role. In an account it has yours: a role of Lambda
 * lets nobody else in.
 * @throws Error when the stack has no such function
 */
export async function deployedOf(place: Place, target: ProgramFunction): Promise<Deployed> {
  const lambda = new LambdaClient(place.aws);
  try {
    const name = nameOf(place, target.logicalName);
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    const { FunctionName = "", FunctionArn = "", Environment, Role = "" } = found;
    return {
      functionName: FunctionName,
      functionArn: FunctionArn,
      environment: {
        AWS_REGION: place.aws.region,
        AWS_DEFAULT_REGION: place.aws.region,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        ...(await access(place, Role)),
        ...Environment?.Variables,
      },
    };
  } finally {
    lambda.destroy();
  }
}

/** Pulumi names a function after its resource and seven characters of its own; another stack may have one of the same resource. */
function nameOf(place: Place, logicalName: string): string {
  const { functions } = outputOf<LiveFunctionsOutput>(place, "liveFunctions");
  const withHooks = functions.flatMap((one) => [one, one.beforeTraffic, one.afterTraffic]);
  const pattern = /^-[0-9a-f]{7}$/;
  const isIt = (name: string) => name.startsWith(logicalName) && pattern.test(name.slice(logicalName.length));
  const found = withHooks.find((one) => one && isIt(one.functionName));
  if (found) return found.functionName;
  throw new Error(
    `the stack ${place.stack} has no function ${logicalName} yet: the program declares it, but it is not deployed`,
  );
}

async function access({ aws, local }: Place, roleArn: string): Promise<Record<string, string>> {
  if (!local) {
    const mine = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "HOME"];
    return Object.fromEntries(mine.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])));
  }
  const sts = new STSClient(aws);
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await assumeRole(sts, roleArn, "invoke");
    return {
      AWS_ENDPOINT_URL: local.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
  } finally {
    sts.destroy();
  }
}
