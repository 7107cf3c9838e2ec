import type { ConditionValues } from "./conditions";
import type { Connection } from "./evaluate";

const thing = "iot:Connection.Thing.";

/** The condition keys of AWS IoT that take part here; any other is refused rather than guessed at. */
const knownKeys = /^(iot:ClientId|aws:SourceIp|iot:DomainName|iot:ConnectAttributes|iot:LastWillTopic)$/;
const knownThingKeys = /^iot:Connection\.Thing\.(ThingName|ThingTypeName|IsAttached|Attributes\[[^\]]+\])$/;

/**
 * The value of a policy variable or condition key for this connection; `undefined` when it has none.
 *
 * A thing is found by the client id, so its variables have values only when the two names are the same, and only over
 * MQTT: https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html. The attributes and the type
 * need the certificate to be attached to the thing as well; the name does not, which is why a policy that means "its own
 * certificate" has to ask for IsAttached.
 */
export function contextValue(key: string, connection: Connection, overMqtt: boolean): ConditionValues {
  if (key === "iot:ClientId") return overMqtt ? connection.clientId : undefined;
  if (key === "aws:SourceIp") return connection.sourceIp;
  if (key === "iot:DomainName") return connection.domainName;
  if (key === "iot:ConnectAttributes") return connection.connectAttributes;
  if (key === "iot:LastWillTopic") return connection.lastWillTopic;
  if (!overMqtt || !key.startsWith(thing)) return undefined;

  const isThing = connection.thingName !== undefined && connection.thingName === connection.clientId;
  const name = key.slice(thing.length);
  if (name === "IsAttached") return String(isThing && connection.attached);
  if (!isThing) return undefined;
  if (name === "ThingName") return connection.thingName;
  if (!connection.attached) return undefined;
  if (name === "ThingTypeName") return connection.thingTypeName;
  const attribute = /^Attributes\[([^\]]+)\]$/.exec(name)?.[1];
  const attributes = connection.attributes ?? {};
  return attribute !== undefined && Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
}

/** @throws Error for a condition key that AWS IoT does not have, or that this evaluator does not know yet. */
export function checkKey(key: string): void {
  if (!knownKeys.test(key) && !knownThingKeys.test(key)) {
    throw new Error(`Unknown condition key ${key}. If AWS IoT has it, add it to context.ts with its tests.`);
  }
}
