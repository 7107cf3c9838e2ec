import { DescribeThingCommand } from "@aws-sdk/client-iot";
import { orGone } from "../deploy/context";
import type { AwsResponse } from "../fill";
import { AwsError } from "../rules/awsErrors";
import type { IndexedThing } from "./indexedThing";
import { configurationError, type Indexing, type ThingIndexingConfiguration } from "./indexing";
import { type Call, indexResource, matching, type Operation, ok, requireIndex, THING_INDEX, textIn } from "./operation";
import { CLASSIC, deltaOf, type ShadowState } from "./thing";

/** What is indexed, and what is asked of the index. */
export const indexOperations: readonly Operation[] = [
  { method: /^POST$/, path: /^\/(indexing)\/config$/, exclusive: true, run: updateIndexingConfiguration },
  { method: /^POST$/, path: /^\/indices\/(search)$/, resource: indexResource, run: searchIndex },
  { method: /^GET$/, path: /^\/indices\/([^/]+)$/, resource: indexResource, run: describeIndex },
  // Registry entries: MiniStack's, but the index wants to know.
  { method: /^(?:POST|DELETE)$/, path: /^\/things\/([^/]+)$/, heardOf: true, run: changeThing },
  { method: /^PATCH$/, path: /^\/things\/([^/]+)$/, heardOf: true, exclusive: true, run: updateThing },
  { method: /^POST$/, path: /^\/(things)$/, heardOf: true, run: registerThing },
];

async function updateIndexingConfiguration({ fleet, body, passOn }: Call): Promise<AwsResponse> {
  const configuration = body.thingIndexingConfiguration as ThingIndexingConfiguration | undefined;
  if (!configuration) return passOn();
  const problem = configurationError(configuration);
  if (problem) throw AwsError.invalid(problem);
  if (configuration.thingIndexingMode === "OFF" && fleet.groups.size > 0) {
    const names = [...fleet.groups.keys()].join(", ");
    throw AwsError.invalid(
      `Thing indexing cannot be turned off while there are dynamic thing groups (${names}); delete them first`,
    );
  }
  const answer = await passOn();
  if (answer.status === 200) await fleet.configure(configuration);
  return answer;
}

async function describeIndex({ fleet, name }: Call): Promise<AwsResponse> {
  if (name !== THING_INDEX || fleet.indexStatus === undefined) requireIndex(fleet, name);
  return ok({ indexName: THING_INDEX, indexStatus: fleet.indexStatus, schema: schemaOf(fleet.indexing) });
}

function schemaOf({ shadows, namedShadows, connectivity }: Indexing): string {
  if (namedShadows.length > 0) return "MULTI_INDEXING_MODE";
  return `REGISTRY${shadows ? "_AND_SHADOW" : ""}${connectivity ? "_AND_CONNECTIVITY_STATUS" : ""}`;
}

const MOST_RESULTS = 100;

async function searchIndex({ fleet, body }: Call): Promise<AwsResponse> {
  requireIndex(fleet, textIn(body, "indexName"));
  const predicate = matching({ fleet, body });
  const maxResults = body.maxResults ?? MOST_RESULTS;
  if (typeof maxResults !== "number" || !Number.isInteger(maxResults) || maxResults < 1 || maxResults > MOST_RESULTS) {
    throw AwsError.invalid(`maxResults must be a whole number from 1 to ${MOST_RESULTS}`);
  }
  const after = readToken(textIn(body, "nextToken"));
  const rest = fleet.find(predicate).filter(({ thing }) => thing.thingName > after);
  const page = rest.slice(0, maxResults);
  const last = page.at(-1);
  return ok({
    things: page.map(documentOf),
    nextToken: last && rest.length > page.length ? tokenAfter(last.thing.thingName) : undefined,
  });
}

const TOKEN = "after:";

/** A token is the name that the last page ended with, so that things which come and go shift nothing. */
function tokenAfter(thingName: string): string {
  return Buffer.from(TOKEN + thingName).toString("base64url");
}

function readToken(token: string | undefined): string {
  if (token === undefined) return "";
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith(TOKEN)) throw AwsError.invalid("nextToken is none that SearchIndex gave");
  return text.slice(TOKEN.length);
}

function documentOf({ thing }: IndexedThing): object {
  const { shadows, thingGroupNames, ...document } = thing;
  return {
    ...document,
    thingGroupNames,
    shadow: shadows.size > 0 ? JSON.stringify(shadowDocument(shadows)) : undefined,
  };
}

function shadowDocument(shadows: ReadonlyMap<string, ShadowState>): object {
  const classic = shadows.get(CLASSIC);
  const named = [...shadows].filter(([name]) => name !== CLASSIC);
  const name = Object.fromEntries(named.map(([shadowName, state]) => [shadowName, withDelta(state)]));
  return { ...(classic && withDelta(classic)), name: named.length > 0 ? name : undefined };
}

function withDelta(state: ShadowState): object {
  const delta = deltaOf(state);
  return { ...state, delta, hasDelta: delta !== undefined };
}

async function changeThing({ fleet, name, passOn }: Call): Promise<AwsResponse> {
  const answer = await passOn();
  if (answer.status === 200) fleet.registryChanged(name);
  return answer;
}

/** MiniStack takes an update whatever version it expects, and two writers would overwrite each other. */
async function updateThing(call: Call): Promise<AwsResponse> {
  const { expectedVersion } = call.body;
  if (expectedVersion !== undefined && expectedVersion !== null) {
    const thing = await orGone(call.fleet.iot.send(new DescribeThingCommand({ thingName: call.name })));
    if (thing && thing.version !== Number(expectedVersion)) {
      const message = `The version for thing ${call.name} is ${thing.version}, not ${expectedVersion}`;
      throw new AwsError(409, "VersionConflictException", message);
    }
  }
  return changeThing(call);
}

async function registerThing({ fleet, passOn }: Call): Promise<AwsResponse> {
  const answer = await passOn();
  fleet.registryChanged(undefined);
  return answer;
}
