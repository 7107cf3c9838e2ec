interface PolicyStatement {
  sid?: string;
  effect?: string;
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  principals?: Principal[];
  notPrincipals?: Principal[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

interface Principal {
  type: string;
  identifiers: string[];
}

/**
 * What `aws.iam.getPolicyDocument` answers: it is computed by the provider from its arguments alone, so it can be computed
 * here, and policies see the real document. Documents to merge are put in front and behind, by Sid, as the provider does.
 */
export function policyDocument(inputs: Record<string, unknown>): { id: string; json: string; minifiedJson: string } {
  const own = ((inputs.statements as PolicyStatement[] | undefined) ?? []).map(statement);
  const source = parsed(inputs.sourcePolicyDocuments);
  const override = parsed(inputs.overridePolicyDocuments);
  const merged: Record<string, unknown>[] = [];
  for (const next of [...source, ...own, ...override]) {
    const at = next.Sid ? merged.findIndex(({ Sid }) => Sid === next.Sid) : -1;
    if (at >= 0) merged[at] = next;
    else merged.push(next);
  }
  const document = {
    Version: inputs.version ?? "2012-10-17",
    ...(inputs.policyId ? { Id: inputs.policyId } : {}),
    Statement: merged,
  };
  return {
    id: "policy-document",
    json: JSON.stringify(document, undefined, 2),
    minifiedJson: JSON.stringify(document),
  };
}

function parsed(documents: unknown): Record<string, unknown>[] {
  return ((documents as string[] | undefined) ?? []).flatMap((document) => JSON.parse(document).Statement ?? []);
}

function statement(given: PolicyStatement): Record<string, unknown> {
  return withoutUndefined({
    Sid: given.sid,
    Effect: given.effect ?? "Allow",
    Action: given.actions,
    NotAction: given.notActions,
    Resource: given.resources,
    NotResource: given.notResources,
    Principal: principals(given.principals),
    NotPrincipal: principals(given.notPrincipals),
    Condition: conditions(given.conditions),
  });
}

function principals(given: Principal[] | undefined): unknown {
  if (!given || given.length === 0) return undefined;
  if (given.some(({ type, identifiers }) => type === "*" && identifiers.includes("*"))) return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of given) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return byType;
}

function conditions(given: PolicyStatement["conditions"]): unknown {
  if (!given || given.length === 0) return undefined;
  const byTest: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of given) {
    byTest[test] ??= {};
    byTest[test][variable] = [...(byTest[test][variable] ?? []), ...values];
  }
  return Object.fromEntries(
    Object.entries(byTest).map(([test, keys]) => [
      test,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, values.length === 1 ? values[0] : values])),
    ]),
  );
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
