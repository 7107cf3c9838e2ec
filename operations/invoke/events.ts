import { randomUUID } from "node:crypto";
import { marshall } from "@aws-sdk/util-dynamodb";
import { apiEvent, base64, dynamoDBEvent, kinesisEvent, s3Event } from "../../functions/runtime/sampleEvents";
import { Message } from "../../sandbox/rules/message";
import { compileRule } from "../../sandbox/rules/rule";
import type { ProgramFunction } from "./program";
import { setPath } from "./setPath";

export const eventKinds = ["iot", "kinesis", "dynamodb", "s3", "api"] as const;

export type EventKind = (typeof eventKinds)[number];

/** What an event is made from. */
export interface EventOptions {
  /** Assignments as of `setPath`, to the event as people write it: before data is encoded, before a rule selects. */
  readonly set: readonly string[];
  /** The topic of an `iot` message. @default the topic filter of the function's rule, with thing-1 for each + and # */
  readonly topic?: string;
  readonly region: string;
  readonly accountId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The rule of a function does not hand this message on. */
export class NotSelectedError extends Error {}

/**
 * The event of a trigger, as AWS would hand it to the function.
 *
 * An `iot` event is what the function's own rule selects from the message, by the local cloud's rules engine; without a
 * rule it is the message itself.
 * @throws SetError, or NotSelectedError when the rule's WHERE is not true
 */
export function generateEvent(kind: EventKind, target: ProgramFunction, options: EventOptions): unknown {
  const model = models[kind](target, options);
  for (const assignment of options.set) setPath(model, assignment);
  return encoders[kind](model, target, options);
}

type Json = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: `--set` may have given the model any shape.
type Loose = any;

const models: Record<EventKind, (target: ProgramFunction, options: EventOptions) => Json> = {
  iot: (target, { now }) => {
    const isShadow = /\$aws\/things\/.*\/shadow/.test(target.ruleSql ?? "");
    const timestamp = Math.floor(now / 1000);
    return isShadow ? { state: { reported: {} }, version: 1, timestamp } : { message: "generated", temperature: 21 };
  },
  kinesis: (_target, origin) => kinesisEvent({ temperature: 21 }, origin),
  dynamodb: ({ tableKeys = ["id"] }, origin) => {
    const keys = Object.fromEntries(tableKeys.map((key) => [key, key === "deviceId" ? "thing-1" : `generated-${key}`]));
    return dynamoDBEvent(keys, { ...keys }, origin);
  },
  s3: (_target, origin) => ({ ...s3Event("generated", "generated/object.json", origin) }),
  api: (_target, origin) => ({ ...apiEvent({ httpMethod: "GET", resource: "/", pathParameters: null }, origin) }),
};

const encoders: Record<EventKind, (model: Loose, target: ProgramFunction, options: EventOptions) => unknown> = {
  iot: select,
  kinesis: (model) => {
    for (const { kinesis } of records(model)) if (kinesis) kinesis.data = base64(kinesis.data);
    return model;
  },
  dynamodb: (model) => {
    for (const { dynamodb } of records(model)) {
      for (const image of ["Keys", "NewImage", "OldImage"]) {
        if (dynamodb?.[image]) dynamodb[image] = marshall(dynamodb[image]);
      }
    }
    return model;
  },
  s3: (model) => model,
  api: (model) => {
    if (typeof model.body === "object" && model.body !== null) model.body = JSON.stringify(model.body);
    model.requestContext = { httpMethod: model.httpMethod, path: model.path, ...model.requestContext };
    model.multiValueHeaders = many(model.headers);
    model.multiValueQueryStringParameters = many(model.queryStringParameters);
    return model;
  },
};

/** What the rule of the function makes of the message. */
function select(model: Json, { ruleSql }: ProgramFunction, { topic, accountId, now }: EventOptions): unknown {
  if (ruleSql === undefined) return model;
  const rule = compileRule(
    { sql: ruleSql, awsIotSqlVersion: "2016-03-23", actions: [] },
    { arn: "generated", accountId },
    {},
  );
  const message = new Message(
    topic ?? rule.filter.replaceAll("+", "thing-1").replaceAll("#", "thing-1"),
    Buffer.from(JSON.stringify(model)),
    { accountId, now: () => now, newUuid: randomUUID, random: Math.random },
  );
  const output = rule.evaluate(message);
  if (!output) {
    throw new NotSelectedError(
      `the function's rule does not hand this message on: ${ruleSql}\n  the message was ${JSON.stringify(model)}; ` +
        "change it with --set path=value until its WHERE is true",
    );
  }
  return output.json();
}

function records(model: Loose): Loose[] {
  return Array.isArray(model.Records) ? model.Records : [];
}

function many(values: Record<string, string> | null): Record<string, string[]> | null {
  return values && Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value]]));
}
