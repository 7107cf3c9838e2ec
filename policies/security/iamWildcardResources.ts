import { excusedBySid, howToExcuse } from "../shared/excuse";
import { hasIdentityDocument, identityStatements, type Statement } from "../shared/iamDocument";
import { resourcePolicy } from "../shared/policy";
import { isUnscopable } from "../shared/unscopableActions";

interface Config {
  unscopableActions: string[];
}

/** What may be done, may be done to something named. */
export const iamWildcardResources = resourcePolicy<Config>({
  name: "iam-wildcard-resources",
  description: "IAM policies name the resources they allow actions on.",
  why: "who takes over a role that may read `*` reads every table of the account, those of other teams too.",
  fix:
    "name the ARN of the resource, or a prefix of its name; an action for which AWS takes nothing but `*` belongs into a statement of " +
    `its own and needs no excuse; ${howToExcuse("AnyResource")}, for the actions of one service.`,
  link: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
  severity: "high",
  parameters: {
    unscopableActions: {
      description: "Actions, beside those known to the policy, for which AWS takes no resource but `*`",
      type: "array",
      items: { type: "string", pattern: "^[a-z0-9-]+:[A-Za-z]+$" },
      default: [],
    },
  },
  types: hasIdentityDocument,
  check: (subject, { unscopableActions }, report) => {
    for (const statement of identityStatements(subject).filter(({ allows }) => allows)) {
      if (statement.notResources.length > 0) {
        report(`${subject.name}: ${statement.label} allows everything but ${statement.notResources.join(", ")}.`);
      }
      const wild = statement.resources.filter(isWild);
      const scopable = statement.actions.filter(
        (action) => !isUnscopable(action) && !unscopableActions.includes(action),
      );
      if (wild.length === 0 || scopable.length === 0 || isNarrowedByTag(statement)) continue;
      const services = new Set(scopable.map((action) => action.split(":")[0]));
      if (excusedBySid(statement.sid, "AnyResource") && services.size === 1) continue;
      report(`${subject.name}: ${statement.label} allows ${scopable.join(", ")} on ${wild.join(", ")}.`);
    }
  },
});

/**
 * Whether a resource names no resource: `*`, an ARN of any region or account, or one whose name begins with a wildcard, like
 * `table/*`. A wildcard after a name or a prefix (`table/orders/index/*`, `parameter/app/*`) stays within something.
 */
function isWild(resource: string): boolean {
  const [scheme, , service = "", region = "", account = "", ...rest] = resource.split(":");
  if (scheme !== "arn") return /[*?]/.test(resource);
  if (/[*?]/.test(service + region + account)) return true;
  const name = rest.join(":");
  // A bucket has no type before its name: `arn:aws:s3:::bucket/*`.
  return service === "s3" ? /^[*?]/.test(name) : /^(\/?[\w-]+[/:])?[*?]/.test(name);
}

/** A condition on the tags of the resource names resources too. */
function isNarrowedByTag({ conditionKeys }: Statement): boolean {
  return conditionKeys.some((key) => key.startsWith("aws:resourcetag/"));
}
