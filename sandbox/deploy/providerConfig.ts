import type { AwsTarget } from "../aws";
import { type Context, makeContext } from "./context";
import type { Properties } from "./handler";

/**
 * The context of a provider, from its inputs (an explicit `aws.Provider`) or from configuration (`aws:*`, the default
 * one), where every value but text is JSON.
 *
 * Credentials, profiles, endpoints and retries mean nothing here: the local cloud has its own.
 * @throws when the account of the local cloud is not among `allowedAccountIds`, or is among `forbiddenAccountIds`
 */
export function providerContext(cloud: AwsTarget, inputs: Properties): Context {
  const allowed = parsed<string[]>(inputs.allowedAccountIds);
  if (allowed && allowed.length > 0 && !allowed.map(String).includes(cloud.accountId)) {
    throw new Error(
      `the local cloud is account ${cloud.accountId}, and aws:allowedAccountIds allows ${allowed.join(", ")} only. ` +
        "Deploy a stack that is meant for this account, or start the local cloud with the other one",
    );
  }
  const forbidden = parsed<string[]>(inputs.forbiddenAccountIds);
  if (forbidden?.map(String).includes(cloud.accountId)) {
    throw new Error(`aws:forbiddenAccountIds names account ${cloud.accountId}, which is the local cloud's`);
  }
  const region = typeof inputs.region === "string" && inputs.region !== "" ? inputs.region : undefined;
  const defaultTags = parsed<{ tags?: Record<string, string> }>(inputs.defaultTags)?.tags;
  return makeContext(cloud, { region, defaultTags });
}

/** The `aws:*` configuration as inputs of a provider. */
export function defaultProviderInputs(config: Readonly<Record<string, string>>): Properties {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith("aws:"))
      .map(([key, value]) => [key.slice("aws:".length), value]),
  );
}

function parsed<T>(value: unknown): T | undefined {
  if (typeof value !== "string") return (value ?? undefined) as T | undefined;
  return value === "" ? undefined : (JSON.parse(value) as T);
}
