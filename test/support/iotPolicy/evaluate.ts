import { type ConditionValues, conditionMet } from "./conditions";
import { checkKey, contextValue } from "./context";
import { readPattern } from "./pattern";
import { type PolicyDocument, readPolicies, type Statement } from "./policyDocument";

/** Who asks. */
export interface Connection {
  readonly clientId: string;
  /** The thing in the registry; leave it out for a device that is not registered. */
  readonly thingName?: string;
  /** Whether the certificate (or Cognito identity) is attached to that thing. */
  readonly attached: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly thingTypeName?: string;
  readonly sourceIp?: string;
  readonly domainName?: string;
  /** `PersistentConnect` and `LastWill`, as far as the CONNECT uses them. Default: a clean session without a will. */
  readonly connectAttributes?: readonly string[];
  /** ARN of the will's topic. */
  readonly lastWillTopic?: string;
  /** Default: `https` for the actions that exist only there (shadows, jobs and retained messages), else `mqtt`. */
  readonly protocol?: "mqtt" | "https";
}

export interface PolicyRequest {
  /** E.g. `iot:Publish`. */
  readonly action: string;
  /** The ARN, of the type that the action needs: `arn:aws:iot:eu-west-1:123456789012:topic/my/things/lamp/state`. */
  readonly resource: string;
  readonly connection: Connection;
}

export interface Decision {
  readonly allowed: boolean;
  /** Which statement decided, or why none did; for the message of a failing test. */
  readonly because: string;
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/iot-action-resources.html */
const resourceTypes: Readonly<Record<string, string>> = {
  "iot:Connect": "client",
  "iot:Publish": "topic",
  "iot:Receive": "topic",
  "iot:RetainPublish": "topic",
  "iot:Subscribe": "topicfilter",
  "iot:GetRetainedMessage": "topic",
  "iot:GetThingShadow": "thing",
  "iot:UpdateThingShadow": "thing",
  "iot:DeleteThingShadow": "thing",
  "iot:ListNamedShadowsForThing": "thing",
  "iot:DescribeJobExecution": "thing",
  "iot:GetPendingJobExecutions": "thing",
  "iot:StartNextPendingJobExecution": "thing",
  "iot:UpdateJobExecution": "thing",
  "iot:AssumeRoleWithCertificate": "rolealias",
};

/** The others are requests over HTTPS; over MQTT a shadow or a job is a matter of topics. */
const mqttActions = ["iot:Connect", "iot:Publish", "iot:Receive", "iot:RetainPublish", "iot:Subscribe"];

/**
 * Decides as AWS IoT does: an explicit Deny wins, then any Allow, and what nothing allows is denied. A statement with a
 * variable that has no value for this connection does not match.
 *
 * It judges one action alone. AWS also wants iot:Connect before anything else and iot:Publish beside iot:RetainPublish.
 *
 * @param policies every policy attached to the certificate, as JSON text or objects.
 * @throws Error when the question or a policy is malformed, or uses what this evaluator does not know.
 */
export function evaluate(policies: PolicyDocument | readonly PolicyDocument[], request: PolicyRequest): Decision {
  checkRequest(request);
  const verdicts = readPolicies(policies).map((statement) => ({ statement, miss: missOf(statement, request) }));
  const hits = verdicts.filter(({ miss }) => miss === undefined).map(({ statement }) => statement);
  const decisive = hits.find(({ effect }) => effect === "Deny") ?? hits[0];
  if (decisive) {
    const allowed = decisive.effect === "Allow";
    return { allowed, because: `${decisive.label} ${allowed ? "allows" : "denies"} it` };
  }
  const near = verdicts.flatMap(({ statement, miss }) => (miss ? [`${statement.label}: ${miss}`] : []));
  return {
    allowed: false,
    because: [`no statement allows ${request.action} on ${request.resource}`, ...near].join("; "),
  };
}

/** Why the statement does not match: empty when it speaks of other actions, `undefined` when it matches. */
function missOf(statement: Statement, request: PolicyRequest): string | undefined {
  const { action, resource, connection } = request;
  const overMqtt = (connection.protocol ?? (mqttActions.includes(action) ? "mqtt" : "https")) === "mqtt";
  const valueFor = (key: string): ConditionValues => {
    // What a CONNECT carries is only there to look at while connecting.
    const ofConnect = key === "iot:ConnectAttributes" || key === "iot:LastWillTopic";
    return ofConnect && action !== "iot:Connect" ? undefined : contextValue(key, connection, overMqtt);
  };
  const resolve = (variable: string) => {
    const value = valueFor(variable);
    return typeof value === "string" ? value : undefined;
  };
  // Looked at before anything else, so that an unknown operator is an error even in a statement that would not match.
  const outcomes = statement.conditions.map((condition) => {
    checkKey(condition.key);
    return { condition, ...conditionMet(condition, valueFor, resolve) };
  });
  if (!statement.actions.some((pattern) => actionMatches(pattern, action))) return "";

  const patterns = statement.resources.map((text) => readPattern(text, resolve));
  if (!patterns.some((pattern) => pattern.unresolved === undefined && pattern.matches(resource))) {
    const unresolved = patterns.flatMap((pattern) => (pattern.unresolved === undefined ? [] : [pattern.unresolved]));
    const hint = unresolved.map((variable) => `\${${variable}} has no value`).join(", ");
    return hint === "" ? "other resources" : `other resources, and ${hint}`;
  }
  const failed = outcomes.find(({ met }) => !met);
  if (!failed) return undefined;
  return failed.unresolved === undefined
    ? `its condition ${failed.condition.operator} on ${failed.condition.key} is not met`
    : `\${${failed.unresolved}} in its condition has no value`;
}

function actionMatches(pattern: string, action: string): boolean {
  const read = readPattern(pattern.toLowerCase(), () => undefined);
  return read.unresolved === undefined && read.matches(action.toLowerCase());
}

function checkRequest({ action, resource }: PolicyRequest): void {
  const type = Object.hasOwn(resourceTypes, action) ? resourceTypes[action] : undefined;
  if (type === undefined) {
    throw new Error(`${action} is not a device action of AWS IoT. Known: ${Object.keys(resourceTypes).join(", ")}.`);
  }
  if (!new RegExp(`^arn:[a-z-]+:iot:[a-z0-9-]+:\\d{12}:${type}/.+$`, "s").test(resource)) {
    throw new Error(`${action} is asked of a ${type}: arn:aws:iot:<region>:<account>:${type}/<name>. Got ${resource}.`);
  }
}
