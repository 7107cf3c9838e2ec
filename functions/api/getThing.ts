import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeThingCommand,
  type DescribeThingCommandOutput,
  IoTClient,
  SearchIndexCommand,
  type ThingDocument,
} from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type ApiAnswer, api } from "./answer";
import { appsOf, connectivityOf } from "./fleet";
import { orNothing } from "./orNothing";
import { type Owns, ownershipIn, thingOf } from "./ownership";
import { unknownThing } from "./problem";
import type { ApiRequest } from "./request";
import { deltaOf, etagOf, noShadow, type ShadowDocument } from "./shadow";

/** What the route works with. */
export interface Things {
  owns: Owns;
  describe(thingName: string): Promise<Partial<DescribeThingCommandOutput> | undefined>;
  /** The classic shadow, or a named one. */
  shadow(thingName: string, shadowName?: string): Promise<ShadowDocument | undefined>;
  search(query: string): Promise<ThingDocument[]>;
}

/** One thing: what the registry, its shadows and the fleet index know of it. */
export async function getThingOf(things: Things, request: ApiRequest): Promise<ApiAnswer> {
  const thingName = await thingOf(request, things.owns);
  const [thing, shadow = noShadow, apps, found] = await Promise.all([
    things.describe(thingName),
    things.shadow(thingName),
    things.shadow(thingName, "apps"),
    things.search(`thingName:"${thingName}"`),
  ]);
  if (!thing) throw unknownThing();
  const { thingTypeName, attributes = {} } = thing;
  const { desired = {}, reported = {} } = shadow.state ?? {};
  const { version, metadata = {}, timestamp = 0 } = shadow;
  return {
    headers: { etag: etagOf(shadow) },
    body: {
      thingName,
      ...(thingTypeName && { thingTypeName }),
      attributes,
      connectivity: connectivityOf(found.find((one) => one.thingName === thingName)),
      shadow: { version, desired, reported, delta: deltaOf(desired, reported), metadata, timestamp },
      apps: appsOf(apps?.state?.reported),
    },
  };
}

/** Environment: OWNERSHIP_TABLE_NAME. */
export function getThing() {
  const iot = new IoTClient({});
  const data = new IoTDataPlaneClient({});
  const things: Things = {
    owns: ownershipIn(DynamoDBDocumentClient.from(new DynamoDBClient({}))),
    describe: (thingName) => orNothing(iot.send(new DescribeThingCommand({ thingName }))),
    async shadow(thingName, shadowName) {
      const found = await orNothing(data.send(new GetThingShadowCommand({ thingName, shadowName })));
      return found?.payload && JSON.parse(Buffer.from(found.payload).toString());
    },
    async search(queryString) {
      return (await iot.send(new SearchIndexCommand({ queryString }))).things ?? [];
    },
  };
  return api((request) => getThingOf(things, request));
}
