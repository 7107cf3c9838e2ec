import {
  CreateThingGroupCommand,
  DeleteThingGroupCommand,
  DescribeThingGroupCommand,
  ResourceNotFoundException,
  type Tag,
  type ThingGroupProperties,
  UpdateThingGroupCommand,
} from "@aws-sdk/client-iot";
import type { AwsResponse } from "../fill";
import { AwsError } from "../rules/awsErrors";
import { DynamicGroup } from "./dynamicGroup";
import {
  type Call,
  matching,
  type Operation,
  ok,
  QUERY_VERSION,
  queryIn,
  requireIndex,
  THING_INDEX,
  textIn,
} from "./operation";
import type { Predicate } from "./query/compile";

/** https://docs.aws.amazon.com/general/latest/gr/iot_device_management.html#thing-group-limits */
const MOST_DYNAMIC_GROUPS = 100;

const DYNAMIC = /^\/dynamic-thing-groups\/([^/]+)$/;
const STATIC = /^\/thing-groups\/([^/]+)$/;
const MEMBERSHIP = /^\/thing-groups\/((?:addThingTo|removeThingFrom)ThingGroup)$/;
const groupResource = (name: string) => `thinggroup/${name}`;

/** Dynamic groups, and what must not be done to them by the operations for static ones. */
export const groupOperations: readonly Operation[] = [
  { method: /^POST$/, path: DYNAMIC, resource: groupResource, exclusive: true, run: createDynamicThingGroup },
  { method: /^PATCH$/, path: DYNAMIC, resource: groupResource, exclusive: true, run: updateDynamicThingGroup },
  { method: /^DELETE$/, path: DYNAMIC, resource: groupResource, exclusive: true, run: deleteDynamicThingGroup },
  { method: /^(?:PUT|POST)$/, path: MEMBERSHIP, run: changeMembership },
  { method: /^GET$/, path: STATIC, run: describeThingGroup },
  { method: /^POST$/, path: STATIC, run: createThingGroup },
  { method: /^PATCH$/, path: STATIC, run: (call) => onlyStatic(call, "UpdateDynamicThingGroup") },
  { method: /^DELETE$/, path: STATIC, run: deleteThingGroup },
  { method: /^PUT$/, path: /^\/target-policies\/([^/]+)$/, run: attachPolicy },
];

async function createDynamicThingGroup({ fleet, body, name }: Call): Promise<AwsResponse> {
  checkName(name);
  const { queryString, predicate } = groupQuery({ fleet, body });
  if (fleet.groups.has(name) || (await describeMirror({ fleet, name }))) throw alreadyExists(name);
  if (fleet.groups.size >= MOST_DYNAMIC_GROUPS) {
    throw new AwsError(
      410,
      "LimitExceededException",
      `An account has at most ${MOST_DYNAMIC_GROUPS} dynamic thing groups`,
    );
  }
  // A static group of the same name has the members, so that whatever MiniStack does with groups it does with this one.
  const created = await fleet.iot.send(
    new CreateThingGroupCommand({
      thingGroupName: name,
      thingGroupProperties: body.thingGroupProperties as ThingGroupProperties | undefined,
      tags: body.tags as Tag[] | undefined,
    }),
  );
  fleet.addGroup(new DynamicGroup(name, queryString, predicate));
  const { thingGroupArn, thingGroupId } = created;
  return ok({ thingGroupName: name, thingGroupArn, thingGroupId, ...aboutQuery(queryString) });
}

async function updateDynamicThingGroup({ fleet, body, name }: Call): Promise<AwsResponse> {
  const group = existing({ fleet, name });
  const changed = body.queryString !== undefined && body.queryString !== group.queryString;
  const query = changed ? groupQuery({ fleet, body }) : undefined;
  await checkVersion({ fleet, name }, body.expectedVersion);
  const thingGroupProperties = (body.thingGroupProperties ?? {}) as ThingGroupProperties;
  const updated = await fleet.iot.send(new UpdateThingGroupCommand({ thingGroupName: name, thingGroupProperties }));
  if (query) fleet.replaceQuery(group, query.queryString, query.predicate);
  return ok({ version: updated.version });
}

async function deleteDynamicThingGroup({ fleet, request, name }: Call): Promise<AwsResponse> {
  if (!fleet.groups.has(name)) {
    if (await describeMirror({ fleet, name }))
      throw AwsError.invalid(`Thing group ${name} is static; use DeleteThingGroup`);
    return ok({}); // as with a static group that does not exist
  }
  await checkVersion({ fleet, name }, request.query.get("expectedVersion") ?? undefined);
  fleet.groups.delete(name);
  await fleet.iot.send(new DeleteThingGroupCommand({ thingGroupName: name }));
  fleet.registryChanged(undefined);
  return ok({});
}

async function describeThingGroup({ fleet, name, passOn }: Call): Promise<AwsResponse> {
  const answer = await passOn();
  const group = fleet.groups.get(name);
  if (!group || answer.status !== 200) return answer;
  const described = JSON.parse(String(answer.body));
  const { creationDate } = described;
  return ok({
    ...described,
    thingGroupMetadata: { creationDate },
    ...aboutQuery(group.queryString),
    status: group.status,
  });
}

async function createThingGroup({ fleet, body, name, passOn }: Call): Promise<AwsResponse> {
  // MiniStack would take the dynamic group for a static one that is created once more.
  if (fleet.groups.has(name)) throw alreadyExists(name);
  const parent = textIn(body, "parentGroupName");
  if (parent && fleet.groups.has(parent)) {
    throw AwsError.invalid(`Thing group ${parent} is dynamic, and a dynamic thing group cannot be part of a hierarchy`);
  }
  return passOn();
}

async function deleteThingGroup(call: Call): Promise<AwsResponse> {
  const answer = await onlyStatic(call, "DeleteDynamicThingGroup");
  call.fleet.registryChanged(undefined);
  return answer;
}

async function changeMembership({ fleet, body, passOn }: Call): Promise<AwsResponse> {
  const group = nameOf(body, "thingGroup");
  if (group && fleet.groups.has(group)) {
    throw AwsError.invalid(`Thing group ${group} is dynamic: its query decides on its members, nobody else`);
  }
  const answer = await passOn();
  fleet.registryChanged(nameOf(body, "thing"));
  return answer;
}

async function attachPolicy({ fleet, body, passOn }: Call): Promise<AwsResponse> {
  const group = /:thinggroup\/(.+)$/.exec(textIn(body, "target") ?? "")?.[1];
  if (group && fleet.groups.has(group))
    throw AwsError.invalid(`Thing group ${group} is dynamic and can have no policies`);
  return passOn();
}

async function onlyStatic({ fleet, name, passOn }: Call, instead: string): Promise<AwsResponse> {
  if (fleet.groups.has(name)) throw AwsError.invalid(`Thing group ${name} is dynamic; use ${instead}`);
  return passOn();
}

/** @throws AwsError, QueryError */
function groupQuery({ fleet, body }: Pick<Call, "fleet" | "body">): { queryString: string; predicate: Predicate } {
  const queryString = queryIn(body);
  requireIndex(fleet, textIn(body, "indexName"));
  return { queryString, predicate: matching({ fleet, body }) };
}

function aboutQuery(queryString: string): object {
  return { indexName: THING_INDEX, queryString, queryVersion: QUERY_VERSION };
}

type Named = Pick<Call, "fleet" | "name">;

function existing({ fleet, name }: Named): DynamicGroup {
  const group = fleet.groups.get(name);
  if (!group) throw new AwsError(404, "ResourceNotFoundException", `Dynamic thing group ${name} does not exist`);
  return group;
}

async function describeMirror({ fleet, name }: Named): Promise<{ version?: number } | undefined> {
  try {
    return await fleet.iot.send(new DescribeThingGroupCommand({ thingGroupName: name }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function checkVersion(named: Named, expected: unknown): Promise<void> {
  if (expected === undefined || expected === null) return;
  const version = (await describeMirror(named))?.version;
  if (Number(expected) === version) return;
  throw new AwsError(409, "VersionConflictException", `The version of ${named.name} is ${version}, not ${expected}`);
}

/** Membership operations name group and thing, or have their ARNs. */
function nameOf(body: Call["body"], of: "thingGroup" | "thing"): string | undefined {
  return textIn(body, `${of}Name`) ?? textIn(body, `${of}Arn`)?.split("/").pop();
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9:_-]{1,128}$/.test(name)) return;
  throw AwsError.invalid(
    `1 validation error detected: Value '${name}' at 'thingGroupName' failed to satisfy constraint: ` +
      "Member must satisfy regular expression pattern: [a-zA-Z0-9:_-]+ and have at most 128 characters",
  );
}

function alreadyExists(name: string): AwsError {
  return new AwsError(409, "ResourceAlreadyExistsException", `Thing Group ${name} already exists in current account`);
}
