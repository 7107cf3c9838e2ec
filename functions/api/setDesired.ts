import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeThingCommand, IoTClient } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { writeMetrics } from "../runtime/embeddedMetrics";
import { type ApiAnswer, api } from "./answer";
import { desiredOf, type JsonObject, objectOf } from "./json";
import { orNothing } from "./orNothing";
import { type Owns, ownershipIn, thingOf } from "./ownership";
import { malformed, refusal, unknownThing } from "./problem";
import type { ApiRequest } from "./request";
import { fingerprint, noShadow, type Seen, type ShadowDocument, seenOf } from "./shadow";

/** What the route works with. */
export interface Shadows {
  owns: Owns;
  /** Whether the registry has the thing: AWS IoT would make a shadow for any name. */
  exists(thingName: string): Promise<boolean>;
  get(thingName: string): Promise<ShadowDocument | undefined>;
  /** @throws an error named ConflictException on a version conflict */
  update(thingName: string, document: { state: { desired: JsonObject }; version?: number }): Promise<ShadowDocument>;
  /** Waits, in milliseconds. */
  pause(milliseconds: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

/** Milliseconds of a caller's time that are left for the answer. */
const reserve = 1000;

/**
 * The pause before a retry, in milliseconds: anything up to a limit that doubles, so that writers who met once do not meet
 * again ("full jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 */
export const backOff = (attempt: number, random: number) => random * Math.min(1000, 25 * 2 ** attempt);

/**
 * Sets what is desired of a thing. AWS IoT merges the change itself, in one step, so nothing is read first and no report of
 * the device gets in between. With If-Match the change is made only if nobody else has changed what is desired since; that
 * the device reported meanwhile does not matter, if the caller has an ETag that tells what was desired.
 */
export async function setDesiredOf(shadows: Shadows, request: ApiRequest): Promise<ApiAnswer> {
  const desired = desiredOf(objectOf(request.body()));
  const seen = seenOf(request.header("if-match"));
  const thingName = await thingOf(request, shadows.owns);
  if (!(await shadows.exists(thingName))) throw unknownThing();

  // A shadow that is not there has the version 0 to callers, and none to AWS IoT.
  let version = seen?.version === 0 ? await versionAfter(seen) : seen?.version;
  for (let attempt = 0; ; attempt++) {
    try {
      const accepted = await shadows.update(thingName, { state: { desired }, version: version || undefined });
      return {
        headers: { etag: `"${accepted.version}"` },
        body: { thingName, version: accepted.version, desired, timestamp: accepted.timestamp, attempts: attempt + 1 },
      };
    } catch (error) {
      if ((error as Error).name !== "ConflictException") throw asRefusal(error as Error);
      const pause = backOff(attempt, shadows.random());
      if (request.remaining() - reserve < pause) throw conflict((await current()).version);
      await shadows.pause(pause);
      if (seen) version = await versionAfter(seen);
    }
  }

  async function current(): Promise<ShadowDocument> {
    return (await shadows.get(thingName)) ?? noShadow;
  }

  /** The version to write on, for who has seen another one. */
  async function versionAfter({ version, desired }: Seen): Promise<number> {
    const now = await current();
    if (now.version === version) return version;
    if (desired !== fingerprint(now.state?.desired)) throw conflict(now.version);
    return now.version;
  }
}

function conflict(currentVersion: number) {
  const detail = `Somebody else was faster, or the device is too busy; the shadow has version ${currentVersion} now.`;
  return refusal("version-conflict", detail, { currentVersion });
}

/** AWS IoT knows limits that the change alone does not tell, such as those on the merged state. */
function asRefusal(error: Error): Error {
  if (error.name === "RequestEntityTooLargeException") {
    return refusal("body-too-large", "With this change the shadow would be larger than AWS IoT takes.");
  }
  return error.name === "InvalidRequestException" ? malformed({ path: "desired", reason: error.message }) : error;
}

/** Environment: OWNERSHIP_TABLE_NAME. */
export function setDesired() {
  const iot = new IoTClient({});
  const data = new IoTDataPlaneClient({});
  const documentOf = (payload?: Uint8Array) => JSON.parse(Buffer.from(payload ?? "{}").toString());
  const shadows: Shadows = {
    owns: ownershipIn(DynamoDBDocumentClient.from(new DynamoDBClient({}))),
    exists: async (thingName) => (await orNothing(iot.send(new DescribeThingCommand({ thingName })))) !== undefined,
    async get(thingName) {
      const found = await orNothing(data.send(new GetThingShadowCommand({ thingName })));
      return found && documentOf(found.payload);
    },
    async update(thingName, document) {
      const payload = Buffer.from(JSON.stringify(document));
      return documentOf((await data.send(new UpdateThingShadowCommand({ thingName, payload }))).payload);
    },
    pause(milliseconds) {
      writeMetrics({ ConflictsRetried: 1 });
      return delay(milliseconds);
    },
    random: Math.random,
  };
  return api((request) => setDesiredOf(shadows, request));
}
