import { excusedBySid, howToExcuse } from "../shared/excuse";
import { hasResourceDocument, resourceStatements, type Statement } from "../shared/iamDocument";
import { resourcePolicy } from "../shared/policy";

/** Condition keys that say who calls, or from where. */
const narrowing = [
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:sourceowner",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceip",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "kms:calleraccount",
  "s3:dataaccesspointaccount",
];

/** Nothing is open to the whole world. */
export const iamOpenPrincipals = resourcePolicy({
  name: "iam-open-principals",
  description: "Policies of buckets, queues, topics, keys, roles and the like say who may use them.",
  why: "the principal `*` is everybody on the Internet with an AWS account, or without one.",
  fix:
    "name the account, role or service as principal, or narrow `*` by a condition on aws:SourceArn, aws:SourceAccount or " +
    `aws:PrincipalOrgID; ${howToExcuse("AnyPrincipal")}.`,
  link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
  severity: "critical",
  types: hasResourceDocument,
  check: (subject, _config, report) => {
    for (const statement of resourceStatements(subject)) {
      if (!statement.allows || !isOpen(statement) || excusedBySid(statement.sid, "AnyPrincipal")) continue;
      const actions = [...statement.actions, ...statement.notActions.map((action) => `all but ${action}`)];
      report(`${subject.name}: ${statement.label} allows ${actions.join(", ")} to everybody.`);
    }
  },
});

function isOpen({ principals, excludesPrincipals, conditionKeys }: Statement): boolean {
  if (conditionKeys.some((key) => narrowing.includes(key))) return false;
  return (
    excludesPrincipals || principals.some((principal) => principal === "*" || /^arn:[\w-]+:iam::\*:/.test(principal))
  );
}
