import { IoTClient, SearchIndexCommand, type ThingDocument } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, ResourceNotFoundException } from "@aws-sdk/client-iot-data-plane";
import limit from "p-limit";
import { type AwsTarget, awsConfig } from "../aws";
import type { Indexing } from "./indexing";
import { CLASSIC, type JsonObject, type ShadowState, type Thing } from "./thing";

/** At once; MiniStack is one Python process, which more would not make quicker. */
const READS_AT_ONCE = 8;
/** From so many things on, one search for all is cheaper than one for each: MiniStack looks through all for each. */
const MANY_THINGS = 20;

/**
 * Reads things out of MiniStack's own registry, shadows and broker. Its SearchIndex, which finds a thing by its name and
 * all of them by `*`, has everything of a thing in one answer except its named shadows.
 */
export class ThingSource {
  private readonly iot: IoTClient;
  private readonly data: IoTDataPlaneClient;

  /** @param ministack MiniStack itself, not the front door */
  constructor(ministack: AwsTarget) {
    this.iot = new IoTClient(awsConfig(ministack));
    this.data = new IoTDataPlaneClient(awsConfig(ministack));
  }

  /** Undefined for a name that no thing has. */
  async read(thingNames: ReadonlySet<string>, indexing: Indexing): Promise<Map<string, Thing | undefined>> {
    const queries =
      thingNames.size < MANY_THINGS ? [...thingNames].map((name) => `thingName:"${name}"`) : ["thingName:*"];
    const found = (await Promise.all(queries.map((query) => this.search(query)))).flat();
    const wanted = found.filter(({ thingName }) => thingNames.has(thingName as string));
    const things = await this.completeAll(wanted, indexing);
    const byName = new Map<string, Thing | undefined>([...thingNames].map((name) => [name, undefined]));
    for (const thing of things) byName.set(thing.thingName, thing);
    return byName;
  }

  async readAll(indexing: Indexing): Promise<Thing[]> {
    return this.completeAll(await this.search("thingName:*"), indexing);
  }

  close(): void {
    this.iot.destroy();
    this.data.destroy();
  }

  private async search(queryString: string): Promise<ThingDocument[]> {
    const found: ThingDocument[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.iot.send(new SearchIndexCommand({ queryString, nextToken, maxResults: 100 }));
      found.push(...(page.things ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  private completeAll(documents: readonly ThingDocument[], indexing: Indexing): Promise<Thing[]> {
    const limited = limit(READS_AT_ONCE);
    return Promise.all(documents.map((document) => limited(() => this.complete(document, indexing))));
  }

  private async complete(document: ThingDocument, indexing: Indexing): Promise<Thing> {
    const { thingName = "", thingId, thingTypeName, attributes = {}, thingGroupNames = [], connectivity } = document;
    const shadows = new Map<string, ShadowState>();
    if (document.shadow) shadows.set(CLASSIC, JSON.parse(document.shadow));
    for (const shadowName of indexing.namedShadows) {
      const state = await this.namedShadow(thingName, shadowName);
      if (state) shadows.set(shadowName, state);
    }
    const { connected = false, timestamp, disconnectReason } = connectivity ?? {};
    return {
      thingName,
      thingId,
      thingTypeName,
      attributes,
      thingGroupNames,
      shadows,
      connectivity: connectivity && { connected, timestamp, disconnectReason },
    };
  }

  private async namedShadow(thingName: string, shadowName: string): Promise<ShadowState | undefined> {
    try {
      const { payload } = await this.data.send(new GetThingShadowCommand({ thingName, shadowName }));
      const { state } = JSON.parse(Buffer.from(payload as Uint8Array).toString()) as { state: JsonObject };
      return { desired: state.desired as JsonObject, reported: state.reported as JsonObject };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
