/** Who asks what of whom, on behalf of which rule. */
export interface Question {
  /** The service principal, e.g. `iot.amazonaws.com`. */
  readonly service: string;
  readonly action: string;
  /** The function's ARN; without one the policy is a role's trust policy, which names no resource. */
  readonly resource?: string;
  readonly rule: { readonly arn: string; readonly accountId: string };
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | { readonly Service?: string | string[] };
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/**
 * Whether a resource policy or a role's trust policy lets AWS IoT in for a rule. MiniStack's root credentials, which the
 * engine calls with, would be let in by any policy; AWS would not.
 * Understood: Allow and Deny, `Principal` "*" and `Service`, and conditions on aws:SourceArn and aws:SourceAccount. With
 * any other condition nothing is allowed, and everything denied.
 */
export function allows(document: string, question: Question): boolean {
  const statements = listOf((JSON.parse(document || "{}") as { Statement?: Statement | Statement[] }).Statement);
  const matching = statements.filter((statement) => applies(statement, question));
  return matching.some(({ Effect }) => Effect === "Allow") && !matching.some(({ Effect }) => Effect === "Deny");
}

function applies(statement: Statement, { service, action, resource, rule }: Question): boolean {
  const { Principal } = statement;
  const services = typeof Principal === "object" ? listOf(Principal.Service) : [];
  if (Principal !== "*" && !services.includes(service)) return false;
  if (!listOf(statement.Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (resource !== undefined && !listOf(statement.Resource).some((pattern) => like(pattern, resource))) return false;
  const context: Readonly<Record<string, string>> = { "aws:sourcearn": rule.arn, "aws:sourceaccount": rule.accountId };
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const actual = context[key.toLowerCase()];
      const compare = COMPARISONS[operator];
      if (actual === undefined || compare === undefined) return statement.Effect === "Deny";
      return listOf(values).some((value) => compare(value, actual));
    }),
  );
}

const COMPARISONS: Readonly<Record<string, (wanted: string, actual: string) => boolean>> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringLike: like,
  ArnLike: like,
  ArnEquals: like,
};

/** `*` for any characters, `?` for one. */
function like(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);
}

function listOf<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
