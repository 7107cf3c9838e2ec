import type { PolicyDocument } from "../../../stacks/bootstrap/permissions";

/** One call to AWS, as IAM sees it. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the call, e.g. `iam:PermissionsBoundary`. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Whether IAM lets a role with these policies and this boundary make the call: some policy allows it, the boundary allows
 * it, nothing denies it. The local cloud decides the same, but knows no `iam:PermissionsBoundary` condition key, which
 * the deploy role stands and falls with. Knows the operators that the bootstrap writes, and throws on others.
 */
export function isAllowed(policies: readonly PolicyDocument[], boundary: PolicyDocument, request: IamRequest): boolean {
  const statements = (documents: readonly PolicyDocument[], effect: string) =>
    documents
      .flatMap(({ Statement }) => Statement)
      .filter((statement) => statement.Effect === effect && fits(statement, request));
  return (
    statements(policies, "Allow").length > 0 &&
    statements([boundary], "Allow").length > 0 &&
    statements([...policies, boundary], "Deny").length === 0
  );
}

function fits(statement: PolicyDocument["Statement"][number], { action, resource, context = {} }: IamRequest): boolean {
  const matches = (patterns: string | readonly string[], value: string) =>
    [patterns].flat().some((pattern) => wildcard(pattern as string).test(value));
  if (statement.Action ? !matches(statement.Action, action) : matches(statement.NotAction ?? [], action)) return false;
  if (statement.Resource ? !matches(statement.Resource, resource) : matches(statement.NotResource ?? [], resource)) {
    return false;
  }
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => {
      const equal = [expected].flat().includes(context[key] as string);
      if (operator === "StringEquals") return equal;
      // A key that the call does not have counts as different.
      if (operator === "StringNotEquals") return !equal;
      throw new Error(`This evaluator does not know the condition operator ${operator}: teach it.`);
    }),
  );
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${escaped}$`, "i");
}
