import type {
  EnforcementLevel,
  PolicyResource,
  ReportViolation,
  ResourceValidation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  Severity,
  StackValidation,
  StackValidationPolicy,
} from "@pulumi/policy";
import { type Parameters, withDefaults } from "./parameters";
import { isUnknownValueError } from "./unknown";
import { stackOf } from "./urn";
import { Values, WrongTypeError } from "./values";

/** What every policy of ours says about itself. */
export interface PolicyText<Config> {
  /** Unique over all packs, in kebab-case; the key in the pack's configuration. */
  readonly name: string;
  /** The rule, in one sentence. */
  readonly description: string;
  /** What goes wrong where the rule is broken. */
  readonly why: string;
  /** What to write instead. */
  readonly fix: string;
  /** Where the provider or AWS says so. */
  readonly link: string;
  /** The level without configuration. @default "mandatory" */
  readonly level?: EnforcementLevel;
  readonly severity: Severity;
  /** Parameters of the pack's configuration, each with its default. */
  readonly parameters?: Parameters<Config>;
}

/** A policy as @pulumi/policy takes it, with the reason that docs and messages give. */
export type Policy = (ResourceValidationPolicy | StackValidationPolicy) & { readonly why: string };

/** A resource as a policy sees it: its type token and its properties, nothing of the program's language. */
export interface Subject {
  readonly type: string;
  /** The resource's logical name. */
  readonly name: string;
  readonly urn: string;
  readonly props: Values;
  readonly opts: PolicyResource["opts"];
  readonly provider?: PolicyResource["provider"];
}

/** A resource of a whole stack, with what it was made from. */
export interface StackResource extends Subject {
  readonly propertyDependencies: PolicyResource["propertyDependencies"];
}

export interface ResourceCheck<Config> extends PolicyText<Config> {
  /** The type tokens it is about, or a test of one. */
  readonly types: readonly string[] | ((type: string) => boolean);
  /** Says what is wrong with a resource; `fix` where it can be said better than for the policy as a whole. */
  readonly check: (subject: Subject, config: Config, report: (what: string, fix?: string) => void) => void;
  /** Makes a resource comply by changing its inputs in place; returns whether it changed any. */
  readonly remedy?: (props: Record<string, unknown>, subject: Subject, config: Config) => boolean;
}

export interface StackCheck<Config> extends PolicyText<Config> {
  /** The type tokens without which a stack has nothing to check. */
  readonly types: readonly string[];
  /** Says what is wrong with one of the resources of `types`, knowing all of the stack. */
  readonly check: (
    subject: StackResource,
    stack: readonly StackResource[],
    config: Config,
    report: (what: string, fix?: string) => void,
  ) => void;
}

/** A policy that needs to look at one resource only. */
export function resourcePolicy<Config extends object = Record<never, never>>(rule: ResourceCheck<Config>): Policy {
  const { types } = rule;
  const applies = typeof types === "function" ? types : (type: string) => types.includes(type);
  const validate: ResourceValidation = (args, reportViolation) => {
    if (!applies(args.type)) args.notApplicable(`${rule.name} is not about ${args.type}`);
    const unknown = guarded(rule, reportViolation, args.urn, (report) =>
      rule.check(subject(args), withDefaults(rule.parameters, args.getConfig()), report),
    );
    if (unknown) args.notApplicable(unknown);
  };
  const { remedy } = rule;
  const remediate = (args: ResourceValidationArgs) => {
    if (!remedy || !applies(args.type)) return undefined;
    try {
      const changed = remedy(args.props, subject(args), withDefaults(rule.parameters, args.getConfig()));
      return changed ? args.props : undefined;
    } catch (error) {
      // The check that follows says what is wrong; here is nothing to mend.
      if (error instanceof WrongTypeError || isUnknownValueError(error)) return undefined;
      throw error;
    }
  };
  onlyFor(types, validate);
  return {
    ...text(rule),
    validateResource: validate,
    ...(remedy && { remediateResource: remediate }),
  };
}

/** A policy that has to know the whole stack to judge one of its resources. */
export function stackPolicy<Config extends object = Record<never, never>>(rule: StackCheck<Config>): Policy {
  const validate: StackValidation = (args, reportViolation) => {
    const config = withDefaults(rule.parameters, args.getConfig<Partial<Config>>());
    const stack = args.resources.map((resource) => ({
      ...subject(resource),
      propertyDependencies: resource.propertyDependencies,
    }));
    for (const resource of stack.filter(({ type }) => rule.types.includes(type))) {
      guarded(rule, reportViolation, resource.urn, (report) => rule.check(resource, stack, config, report));
    }
  };
  onlyFor(rule.types, validate);
  return { ...text(rule), validateStack: validate };
}

/** The name of the stack a resource belongs to. */
export const stackName = (subject: Pick<Subject, "urn">): string => stackOf(subject.urn);

/** Runs a check; says a wrong type as a violation, and returns why where preview does not know enough yet. */
function guarded<Config>(
  rule: PolicyText<Config>,
  reportViolation: ReportViolation,
  urn: string,
  check: (report: (what: string, fix?: string) => void) => void,
): string | undefined {
  const report = (what: string, fix = rule.fix) =>
    reportViolation(`${what}\nWhy: ${rule.why}\nFix: ${fix}\nSee ${rule.link}`, urn);
  try {
    check(report);
    return undefined;
  } catch (error) {
    if (isUnknownValueError(error)) return `${error.message}; it is checked as soon as it is known`;
    if (!(error instanceof WrongTypeError)) throw error;
    report(`It cannot be checked: ${error.message}.`, "Give the property the type that its documentation names.");
    return undefined;
  }
}

/** Tells @pulumi/policy's server the only type, so that it need not unpack the properties of all others. */
function onlyFor(types: ResourceCheck<never>["types"], validate: object): void {
  if (typeof types !== "function" && types.length === 1) Object.assign(validate, { __pulumiType: types[0] });
}

function subject(resource: ResourceValidationArgs | PolicyResource): Subject {
  const { type, name, urn, opts, provider } = resource;
  return { type, name, urn, opts, provider, props: new Values(resource.props) };
}

function text<Config>(rule: PolicyText<Config>) {
  return {
    name: rule.name,
    description: rule.description,
    why: rule.why,
    enforcementLevel: rule.level ?? "mandatory",
    severity: rule.severity,
    remediationSteps: rule.fix,
    url: rule.link,
    ...(rule.parameters && { configSchema: { properties: rule.parameters } }),
  };
}
