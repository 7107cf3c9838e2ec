import type { AwsRequest } from "../fill";
import type { AccountRules } from "./accountRules";
import { asObject } from "./actions/fields";
import { AwsError } from "./awsErrors";
import type { Rule } from "./engine";
import { RuleTags } from "./ruleTags";

/** One request about rules, with its body read. */
export interface Call {
  readonly rules: AccountRules;
  readonly request: AwsRequest;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An operation of IoT's control plane on one rule. @throws AwsError, SqlParseError, InvalidRuleError */
type RuleOperation = (call: Call, name: string) => object | Promise<object>;

const operations: Readonly<Record<string, RuleOperation>> = {
  POST: createTopicRule,
  PATCH: replaceTopicRule,
  GET: getTopicRule,
  DELETE: deleteTopicRule,
  "POST enable": (call, name) => setEnabled(call, name, true),
  "POST disable": (call, name) => setEnabled(call, name, false),
};

/** The operation that a request asks for, or undefined when it is about something else than rules. */
export function findRuleOperation({
  method,
  path,
}: AwsRequest): ((call: Call) => object | Promise<object>) | undefined {
  if (method === "GET" && /^\/rules\/?$/.test(path)) return listTopicRules;
  const [, name, verb] = /^\/rules\/(.+?)(?:\/(enable|disable))?$/s.exec(path) ?? [];
  const operation = operations[verb ? `${method} ${verb}` : method];
  if (name === undefined || operation === undefined) return undefined;
  return (call) => {
    checkName(name);
    return operation(call, name);
  };
}

async function createTopicRule({ rules, request, body }: Call, name: string): Promise<object> {
  if (rules.engine.get(name)) {
    throw new AwsError(409, "ResourceAlreadyExistsException", `Rule '${name}' already exists`);
  }
  const tags = RuleTags.parseHeader(request.headers["x-amz-tagging"]);
  await rules.put(name, body);
  rules.tags.add(name, tags);
  return {};
}

async function replaceTopicRule({ rules, body }: Call, name: string): Promise<object> {
  existingRule(rules, name);
  await rules.put(name, body);
  return {};
}

function getTopicRule({ rules }: Call, name: string): object {
  const { arn, payload, createdAt, enabled } = existingRule(rules, name);
  return {
    ruleArn: arn,
    rule: { ...payload, ruleName: name, createdAt: seconds(createdAt), ruleDisabled: !enabled },
  };
}

async function deleteTopicRule({ rules }: Call, name: string): Promise<object> {
  existingRule(rules, name);
  await rules.delete(name);
  return {};
}

async function setEnabled({ rules }: Call, name: string, enabled: boolean): Promise<object> {
  existingRule(rules, name);
  await rules.setEnabled(name, enabled);
  return {};
}

const MOST_RULES_A_PAGE = 10_000;

function listTopicRules({ rules, request: { query } }: Call): object {
  if (query.has("topic")) throw AwsError.invalid("Listing rules by topic is not implemented by this rules engine");
  const disabled = query.get("ruleDisabled");
  const wanted = rules.engine.list().filter(({ enabled }) => disabled === null || String(!enabled) === disabled);
  wanted.sort((a, b) => (a.name < b.name ? -1 : 1));
  // A token is the name that the last page ended with.
  const after = query.get("nextToken") ?? "";
  const rest = wanted.filter(({ name }) => name > after);
  const page = rest.slice(0, Number(query.get("maxResults") ?? MOST_RULES_A_PAGE));
  return { rules: page.map(summary), nextToken: rest.length > page.length ? page.at(-1)?.name : undefined };
}

function summary({ name, arn, filter, createdAt, enabled }: Rule): object {
  return { ruleName: name, ruleArn: arn, topicPattern: filter, createdAt: seconds(createdAt), ruleDisabled: !enabled };
}

function existingRule(rules: AccountRules, name: string): Rule {
  const rule = rules.engine.get(name);
  // AWS does not say whether a rule is not there or not yours.
  if (!rule) throw new AwsError(401, "UnauthorizedException", `Access to topic rule '${name}' was denied`);
  return rule;
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9_]{1,128}$/.test(name)) return;
  throw AwsError.invalid(
    `1 validation error detected: Value '${name}' at 'ruleName' failed to satisfy constraint: ` +
      "Member must satisfy regular expression pattern: ^[a-zA-Z0-9_]+$ and have at most 128 characters",
  );
}

function seconds(date: Date): number {
  return date.getTime() / 1000;
}

/** The tag operations, by method and path; only those about a rule are this engine's. */
const tagOperations: Readonly<Record<string, (rules: AccountRules, name: string, call: Call) => object>> = {
  "GET /tags": (rules, name) => ({ tags: rules.tags.of(name) }),
  "POST /tags": (rules, name, { body }) => {
    rules.tags.add(name, body.tags);
    return {};
  },
  "POST /untag": (rules, name, { body }) => {
    rules.tags.remove(name, body.tagKeys);
    return {};
  },
};

export function isTagOperation({ method, path }: AwsRequest): boolean {
  return Object.hasOwn(tagOperations, `${method} ${path}`);
}

/** The rule that a tag operation is about, or undefined for any other kind of resource. */
export function taggedRule({ request, body }: Pick<Call, "request" | "body">): string | undefined {
  const arn = request.method === "GET" ? request.query.get("resourceArn") : body.resourceArn;
  return /^arn:[\w-]+:iot:[\w-]+:\d{12}:rule\/(.+)$/.exec(String(arn))?.[1];
}

export function runTagOperation(call: Call, name: string): object {
  const { rules, request } = call;
  if (!rules.engine.get(name)) throw new AwsError(404, "ResourceNotFoundException", `Rule ${name} not found`);
  return tagOperations[`${request.method} ${request.path}`]!(rules, name, call);
}

/** @throws AwsError for a body that is no JSON object */
export function parseBody({ body }: AwsRequest): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    const object = asObject(JSON.parse(body.toString("utf8")));
    if (object) return object;
  } catch {
    // Said below.
  }
  throw AwsError.invalid("The body of the request is no JSON object");
}
