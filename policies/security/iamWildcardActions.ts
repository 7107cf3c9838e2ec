import { excusedBySid, howToExcuse } from "../shared/excuse";
import {
  hasIdentityDocument,
  hasResourceDocument,
  identityStatements,
  resourceStatements,
  type Statement,
} from "../shared/iamDocument";
import { resourcePolicy } from "../shared/policy";

interface Config {
  families: string[];
}

/** Nobody may do everything. */
export const iamWildcardActions = resourcePolicy<Config>({
  name: "iam-wildcard-actions",
  description: "IAM policies name the actions they allow.",
  why:
    "a wildcard allows what nobody thought of, and what AWS adds next year: a function that may `dynamodb:*` may delete the " +
    "table.",
  fix: `name the actions that are called; ${howToExcuse("AnyAction")} (never for \`*\` alone).`,
  link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
  severity: "high",
  parameters: {
    families: {
      description: "Families of actions that AWS itself names by their common beginning, in its key policies",
      type: "array",
      items: { type: "string", pattern: "^[a-z0-9-]+:[A-Za-z]+\\*$" },
      default: ["kms:GenerateDataKey*", "kms:ReEncrypt*"],
    },
  },
  types: (type) => hasIdentityDocument(type) || hasResourceDocument(type),
  check: (subject, { families }, report) => {
    const isKey = subject.type.startsWith("aws:kms/");
    for (const statement of [...identityStatements(subject), ...resourceStatements(subject)]) {
      if (!statement.allows || (isKey && isRootOfAccount(statement))) continue;
      if (statement.notActions.length > 0) {
        report(`${subject.name}: ${statement.label} allows everything but ${statement.notActions.join(", ")}.`);
      }
      const wild = statement.actions.filter((action) => /[*?]/.test(action) && !families.includes(action));
      const excused = excusedBySid(statement.sid, "AnyAction") && !wild.includes("*");
      if (wild.length > 0 && !excused) report(`${subject.name}: ${statement.label} allows ${wild.join(", ")}.`);
    }
  },
});

/** AWS's default key policy: it hands the key over to IAM, and a key without it can become unmanageable. */
function isRootOfAccount({ actions, principals }: Statement): boolean {
  return (
    actions.every((action) => action === "kms:*") && principals.every((arn) => /^arn:[\w-]+:iam::\d+:root$/.test(arn))
  );
}
