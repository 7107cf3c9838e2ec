import type { Handlers, ResourceHandler } from "./handler";
import { recordedTypes } from "./recorded";

/** Service of the type token -> its handlers; loaded on first use, since each brings an SDK client along. */
const services: Readonly<Record<string, () => Handlers>> = {
  apigateway: () => require("./handlers/apigateway").handlers,
  athena: () => require("./handlers/athena").handlers,
  cloudfront: () => require("./handlers/cloudfront").handlers,
  cloudwatch: () => require("./handlers/cloudwatch").handlers,
  codedeploy: () => require("./handlers/codedeploy").handlers,
  cognito: () => require("./handlers/cognito").handlers,
  dynamodb: () => require("./handlers/dynamodb").handlers,
  glue: () => require("./handlers/glue").handlers,
  iam: () => require("./handlers/iam").handlers,
  iot: () => require("./handlers/iot").handlers,
  kinesis: () => require("./handlers/kinesis").handlers,
  kms: () => require("./handlers/kms").handlers,
  lambda: () => require("./handlers/lambda").handlers,
  s3: () => require("./handlers/s3").handlers,
  sfn: () => require("./handlers/sfn").handlers,
  sns: () => require("./handlers/sns").handlers,
  sqs: () => require("./handlers/sqs").handlers,
};

/**
 * The handler of a resource type, or undefined for one that is recorded and not played.
 *
 * @throws for a type that is neither
 */
export function findHandler(type: string): ResourceHandler | undefined {
  if (type in recordedTypes) return undefined;
  const service = serviceOf(type);
  const handler = services[service]?.()[type];
  if (handler === undefined) throw new Error(unknownType(type, service));
  return handler;
}

/** Loads every handler and its SDK client, a piece at a time, e.g. while MiniStack boots: it takes a second or two. */
export async function loadHandlers(): Promise<void> {
  for (const load of Object.values(services)) {
    load();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Every type the local cloud plays. */
export function playedTypes(): string[] {
  return Object.values(services).flatMap((load) => Object.keys(load()));
}

/** `sqs` of `aws:sqs/queue:Queue` */
function serviceOf(type: string): string {
  return /^aws:(\w+)\//.exec(type)?.[1] ?? "";
}

function unknownType(type: string, service: string): string {
  const where = service === "" ? "sandbox/deploy/handlers/<service>.ts" : `sandbox/deploy/handlers/${service}`;
  return (
    `the local cloud does not know the resource type ${type}. Add a handler for it in ${where} ` +
    `(and, for a new service, to sandbox/deploy/registry.ts); if MiniStack has no behaviour for it, list it in ` +
    "sandbox/deploy/recorded.ts with the reason"
  );
}
