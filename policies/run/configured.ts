import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnforcementLevel, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { configurationErrors, type Pack, type PackConfiguration } from "../shared/configuration";
import type { Policy } from "../shared/policy";

/** A pack's configuration names what the pack does not have; the message has all of it. */
export class ConfigurationError extends Error {}

/** The configuration of each pack, by the pack's name. */
export type PackConfigurations = Readonly<Record<string, PackConfiguration>>;

/**
 * The configurations in a folder: `<folder>/<pack>.json`, in the form that `pulumi preview --policy-pack-config` takes. A pack
 * without a file has none.
 *
 * @throws ConfigurationError if a file is not JSON or not an object
 */
export function readConfigurations(folder: string, packs: readonly Pack[]): PackConfigurations {
  const found = packs
    .map((pack) => ({ pack, file: join(folder, `${pack.name}.json`) }))
    .filter(({ file }) => existsSync(file));
  return Object.fromEntries(found.map(({ pack, file }) => [pack.name, parse(file)]));
}

function parse(file: string): PackConfiguration {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigurationError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigurationError(`${file} must be an object with a key for each policy that is configured`);
  }
  return value as PackConfiguration;
}

/**
 * A pack's policies with its configuration applied as Pulumi's engine applies it: first `all`, then each by name.
 *
 * @throws ConfigurationError if it names what the pack does not have
 */
export function configured(pack: Pack, configuration: PackConfiguration = {}): Policy[] {
  const errors = configurationErrors(pack, configuration);
  if (errors.length > 0) {
    throw new ConfigurationError(
      `The configuration of the policy pack ${pack.name} is wrong:\n- ${errors.join("\n- ")}`,
    );
  }
  const all = levelOf(configuration.all);
  return pack.policies.map((policy) => {
    const entry = configuration[policy.name];
    const enforcementLevel = levelOf(entry) ?? all ?? policy.enforcementLevel;
    return { ...withParameters(policy, parametersOf(entry)), enforcementLevel };
  });
}

function levelOf(entry: unknown): EnforcementLevel | undefined {
  return (typeof entry === "string" ? entry : (entry as { enforcementLevel?: string } | undefined)?.enforcementLevel) as
    | EnforcementLevel
    | undefined;
}

function parametersOf(entry: unknown): object {
  if (typeof entry !== "object" || entry === null) return {};
  const { enforcementLevel: _, ...parameters } = entry as Record<string, unknown>;
  return parameters;
}

/** @pulumi/policy keeps configuration in its server, which is not running here; so each policy is handed its own. */
function withParameters(policy: Policy, parameters: object): Policy {
  const getConfig = <T>() => parameters as T;
  const { validateResource, remediateResource, validateStack } = policy as Partial<{
    validateResource: (args: ResourceValidationArgs, report: never) => unknown;
    remediateResource: (args: ResourceValidationArgs) => unknown;
    validateStack: (args: StackValidationArgs, report: never) => unknown;
  }>;
  return {
    ...policy,
    ...(validateResource && {
      validateResource: Object.assign(
        (args: ResourceValidationArgs, report: never) => validateResource({ ...args, getConfig }, report),
        validateResource,
      ),
    }),
    ...(remediateResource && {
      remediateResource: (args: ResourceValidationArgs) => remediateResource({ ...args, getConfig }),
    }),
    ...(validateStack && {
      validateStack: Object.assign(
        (args: StackValidationArgs, report: never) => validateStack({ ...args, getConfig }, report),
        validateStack,
      ),
    }),
  } as Policy;
}
