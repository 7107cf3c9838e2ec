import { type FunctionConfiguration, LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { assumeRole } from "../../sandbox/assumedRole";
import type { Place } from "../place";
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
    const found = await findFunction(lambda, target.logicalName);
    if (!found) {
      throw new Error(
        `the stack ${place.stack} has no function ${target.logicalName} yet: the program declares it, but it is not deployed`,
      );
    }
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

/** Pulumi names a function after its resource and seven characters of its own. */
async function findFunction(client: LambdaClient, logicalName: string): Promise<FunctionConfiguration | undefined> {
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    const found = Functions.find(({ FunctionName = "" }) =>
      FunctionName.startsWith(`${logicalName}-`)
        ? /^[0-9a-f]{7}$/.test(FunctionName.slice(logicalName.length + 1))
        : false,
    );
    if (found) return found;
  }
  return undefined;
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
