import type { PolicyResource, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { configured, type PackConfigurations } from "../../../policies/run/configured";
import { packs } from "../../../policies/run/packs";
import type { Policy } from "../../../policies/shared/policy";

const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy") as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  unknownStringValue: string;
};

/** What a preview hands over for a value that is not known yet. */
export const unknown: string = unknownStringValue;

// biome-ignore lint/suspicious/noExplicitAny: what a test breaks may have any type
export type Props = Record<string, any>;

export interface TestResource {
  readonly type: string;
  readonly name: string;
  props: Props;
  opts?: { protect?: boolean };
  provider?: Props;
  /** Names of the resources a property was made from. */
  dependencies?: Record<string, string[]>;
}

export interface Found {
  readonly policy: string;
  readonly on: string;
  /** What is wrong, without why and how to fix it. */
  readonly what: string;
}

export interface CheckOptions {
  readonly stack?: string;
  readonly config?: PackConfigurations;
  /** Only the policies for a single resource, and only on this one; those for the stack look at all. */
  readonly changed?: string;
}

class NotApplicable extends Error {}

const allPolicies = packs.flatMap((pack) => configured(pack));

/** Runs every policy of every pack over resources, as @pulumi/policy's server calls them. */
export function check(
  resources: readonly TestResource[],
  { stack = "dev", config, changed }: CheckOptions = {},
): Found[] {
  const policies = config ? packs.flatMap((pack) => configured(pack, config[pack.name])) : allPolicies;
  const found: Found[] = [];
  const views = viewsOf(resources, stack);
  for (const policy of policies.filter(({ enforcementLevel }) => enforcementLevel !== "disabled")) {
    const report = (message: string, urn?: string) => {
      found.push({ policy: policy.name, on: urn?.split("::").pop() ?? "", what: message.split("\nWhy: ")[0] ?? "" });
    };
    const { validateResource, validateStack } = functionsOf(policy);
    for (const view of views.filter(({ name }) => !changed || name === changed)) {
      unlessNotApplicable(() => validateResource?.(view as unknown as ResourceValidationArgs, report));
    }
    unlessNotApplicable(() => validateStack?.({ resources: views, ...context } as StackValidationArgs, report));
  }
  return found;
}

/** What `remediate` makes of a resource's inputs, by one policy. */
export function remediate(name: string, resource: TestResource, config: PackConfigurations = {}): Props {
  const policy = packs.flatMap((pack) => configured(pack, config[pack.name])).find((found) => found.name === name);
  const copy = structuredClone(resource);
  const [view] = viewsOf([copy], "dev");
  const { remediateResource } = functionsOf(policy as Policy);
  remediateResource?.(view as unknown as ResourceValidationArgs);
  return copy.props;
}

const context = {
  getConfig: () => ({}),
  stackTags: new Map<string, string>(),
  notApplicable: (reason?: string): never => {
    throw new NotApplicable(reason);
  },
};

function viewsOf(resources: readonly TestResource[], stack: string): PolicyResource[] {
  const views = resources.map(
    ({ type, name, props, opts, provider }) =>
      ({
        ...context,
        type,
        name,
        urn: `urn:pulumi:${stack}::shop::${type}::${name}`,
        props: unknownCheckingProxy(props),
        opts: { protect: false, ignoreChanges: [], aliases: [], additionalSecretOutputs: [], ...opts },
        provider: provider && {
          type: "pulumi:providers:aws",
          name: "default",
          urn: `urn:pulumi:${stack}::shop::pulumi:providers:aws::default`,
          props: unknownCheckingProxy(provider),
        },
        propertyDependencies: {},
      }) as unknown as PolicyResource,
  );
  for (const [at, { dependencies }] of resources.entries()) {
    for (const [property, names] of Object.entries(dependencies ?? {})) {
      const view = views[at] as PolicyResource;
      view.propertyDependencies[property] = views.filter(({ name }) => names.includes(name));
    }
  }
  return views;
}

function functionsOf(policy: Policy) {
  return policy as Partial<{
    validateResource: (args: ResourceValidationArgs, report: (message: string, urn?: string) => void) => void;
    remediateResource: (args: ResourceValidationArgs) => Props | undefined;
    validateStack: (args: StackValidationArgs, report: (message: string, urn?: string) => void) => void;
  }>;
}

function unlessNotApplicable(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw error;
  }
}
