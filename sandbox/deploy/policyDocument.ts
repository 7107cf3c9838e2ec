import { createHash } from "node:crypto";
import type { Properties } from "./handler";

interface Statement {
  sid?: string;
  effect?: string;
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  principals?: Identifiers[];
  notPrincipals?: Identifiers[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

interface Identifiers {
  type: string;
  identifiers: string[];
}

/** Answers `aws.iam.getPolicyDocument`: statements in its words, a policy in AWS's. */
export function policyDocument(args: Properties): Properties {
  const parse = (texts: unknown) => ((texts ?? []) as string[]).flatMap((text) => JSON.parse(text).Statement ?? []);
  const own = ((args.statements ?? []) as Statement[]).map(toAws);
  const all = merged([...parse(args.sourcePolicyDocuments), ...own], parse(args.overridePolicyDocuments));
  const document = {
    Version: args.version ?? "2012-10-17",
    ...(args.policyId !== undefined && { Id: args.policyId }),
    Statement: all,
  };
  const json = JSON.stringify(document, undefined, 2);
  return {
    ...args,
    id: createHash("sha256").update(json).digest("hex").slice(0, 10),
    json,
    minifiedJson: JSON.stringify(document),
  };
}

/** A statement with the Sid of an earlier one takes its place. */
function merged(statements: Properties[], overrides: Properties[]): Properties[] {
  const result = [...statements];
  for (const statement of overrides) {
    const at = result.findIndex((other) => other.Sid !== undefined && other.Sid === statement.Sid);
    if (at < 0) result.push(statement);
    else result[at] = statement;
  }
  return result;
}

function toAws(statement: Statement): Properties {
  const result: Properties = {};
  const put = (key: string, value: unknown) => {
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) result[key] = value;
  };
  if (statement.sid) result.Sid = statement.sid;
  result.Effect = statement.effect ?? "Allow";
  put("Principal", principals(statement.principals));
  put("NotPrincipal", principals(statement.notPrincipals));
  put("Action", oneOrMany(statement.actions));
  put("NotAction", oneOrMany(statement.notActions));
  put("Resource", oneOrMany(statement.resources));
  put("NotResource", oneOrMany(statement.notResources));
  put("Condition", conditions(statement.conditions));
  return result;
}

function principals(list: readonly Identifiers[] | undefined): unknown {
  if (!list?.length) return undefined;
  if (list.some(({ type, identifiers }) => type === "*" && identifiers.includes("*"))) return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of list) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return Object.fromEntries(Object.entries(byType).map(([type, ids]) => [type, oneOrMany(ids)]));
}

function conditions(list: Statement["conditions"]): unknown {
  if (!list?.length) return undefined;
  const result: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of list) {
    result[test] = { ...result[test], [variable]: oneOrMany(values) };
  }
  return result;
}

const oneOrMany = (values: string[] | undefined) => (values?.length === 1 ? values[0] : values);
