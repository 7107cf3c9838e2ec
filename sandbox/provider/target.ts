import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { AwsTarget } from "../aws";
import type { Properties } from "../deploy/handler";
import { sandboxDirectory } from "../ministack/folders";

/**
 * Where the local cloud is. The first that says so counts:
 *
 * 1. the provider's own `endpoints` (`aws:endpoints` in the stack's configuration),
 * 2. AWS_ENDPOINT_URL,
 * 3. the file that `npm start` writes, `.sandbox/outputs.json`, or another that THINGSTACK_SANDBOX names.
 *
 * The account is the access key id where that is twelve digits, as it is to MiniStack; else the one of the file.
 *
 * @throws when nothing says so: this provider must never reach out for AWS itself
 */
export function findLocalCloud(
  inputs: Properties,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): AwsTarget {
  const file = readOutputs(environment.THINGSTACK_SANDBOX || path.join(sandboxDirectory, "outputs.json"));
  const endpoint = configuredEndpoint(inputs.endpoints) ?? (environment.AWS_ENDPOINT_URL || file?.endpoint);
  if (!endpoint) {
    throw new Error(
      "this provider deploys to the local cloud, and there is none: run `npm start` beside it, or set AWS_ENDPOINT_URL. " +
        "For AWS itself use the official AWS provider",
    );
  }
  const accessKey = String(inputs.accessKey ?? environment.AWS_ACCESS_KEY_ID ?? "");
  return {
    endpoint,
    region: String(inputs.region || environment.AWS_REGION || file?.region || "us-east-1"),
    accountId: /^\d{12}$/.test(accessKey) ? accessKey : (file?.accountId ?? "000000000000"),
  };
}

/** The `endpoints` of @pulumi/aws are a list of objects, service -> URL; every service is at one place here. */
function configuredEndpoint(endpoints: unknown): string | undefined {
  const list = typeof endpoints === "string" && endpoints !== "" ? JSON.parse(endpoints) : endpoints;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((one: object) => Object.values(one)).find((url) => typeof url === "string" && url !== "");
}

function readOutputs(file: string): AwsTarget | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as AwsTarget;
  } catch {
    return undefined;
  }
}
