import { getThing } from "../../../functions/api/getThing";
import { shadowLimits } from "../../../functions/api/json";
import { listThings } from "../../../functions/api/listThings";
import { setDesired } from "../../../functions/api/setDesired";
import { whoami } from "../../../functions/api/whoami";
import type { ApiResources, Route, Schema } from "../route";
import { readOwnership, searchFleet, useThings } from "./grants";
import {
  count,
  flag,
  json,
  list,
  map,
  nextPageToken,
  noSuchThing,
  object,
  ok,
  paging,
  problem,
  query,
  text,
  thingInPath,
  thingName,
} from "./schemas";

const ownership = ({ ownership }: ApiResources) => ({ OWNERSHIP_TABLE_NAME: ownership.name });

const connectivity = object(
  "Connectivity",
  { connected: flag("Whether it is connected now") },
  {
    timestamp: count("Since when: milliseconds since 1970"),
    disconnectReason: text("Why it left, in AWS IoT's words"),
  },
);
const attributes = map(text("The attribute's value"), "Attributes in the registry");
const apps = map(text("Its version"), "The apps on it, as the cloud brought them there");
const described = { thingName, attributes, connectivity };
const thingType = { thingTypeName: text("Its type") };

const shadow: Schema = object("Shadow", {
  version: count("Grows with each update, of the device as of apps; 0 while there is no shadow"),
  desired: json("What people want it to be"),
  reported: json("What the device says it is"),
  delta: json("What is desired and not reported"),
  metadata: json("When each property was set last, in seconds since 1970"),
  timestamp: count("When it was read: seconds since 1970; 0 while there is no shadow"),
});
const etag = {
  ETag: {
    description: "Names this state, for If-Match of setDesired",
    schema: text("A version, and what was desired"),
  },
};

/** Things, their state, and who is asking. */
export const thingRoutes: readonly Route[] = [
  {
    operationId: "whoami",
    method: "GET",
    path: "/whoami",
    summary: "Who is signed in",
    responses: {
      200: ok(
        "The caller",
        object("Caller", {
          sub: text("The user's id; never changes"),
          username: text("The name that the user signs in with"),
          groups: list(text("A group"), "The user's groups"),
          isAdmin: flag("Whether the user may see and do everything"),
        }),
      ),
    },
    callbackFactory: whoami,
  },
  {
    operationId: "listThings",
    method: "GET",
    path: "/things",
    summary: "Search the fleet",
    description:
      "All things for admins, their own for all others. From the fleet index, which follows changes within a minute. " +
      "A page may have fewer things than `limit`, or none, though there is a next one.",
    parameters: [
      query(
        "query",
        "Words that all have to match: a part of the name, `field:value` (`attributes.model:x2`, `thingTypeName:cooler`, " +
          "`shadow.reported.door:open`, `connectivity.connected:true`; `*` stands for any characters), or a comparison of " +
          "numbers (`shadow.reported.temperature>8`)",
        { type: "string", maxLength: 200 },
      ),
      ...paging,
    ],
    responses: {
      200: ok(
        "A page of things",
        object(
          "ThingPage",
          { things: list(object("ThingSummary", described, { ...thingType, apps }), "Things that match") },
          { nextPageToken },
        ),
      ),
    },
    callbackFactory: listThings,
    grants: (resources) => [searchFleet(resources), readOwnership(resources)],
    environment: ownership,
  },
  {
    operationId: "getThing",
    method: "GET",
    path: "/things/{thingName}",
    summary: "One thing, with its shadow",
    parameters: [thingInPath],
    responses: {
      200: { ...ok("The thing", object("Thing", { ...described, shadow, apps }, thingType)), headers: etag },
      404: noSuchThing,
    },
    callbackFactory: getThing,
    grants: (resources) => [
      useThings(resources, "iot:DescribeThing", "iot:GetThingShadow"),
      searchFleet(resources),
      readOwnership(resources),
    ],
    environment: ownership,
  },
  {
    operationId: "setDesired",
    method: "PATCH",
    path: "/things/{thingName}/desired",
    summary: "Change what is desired of a thing",
    description:
      "Merges a change into the desired state: objects property by property, everything else as a whole; null takes a " +
      "property away. Without `If-Match` it can't be lost, however busy the device is. With the ETag of `getThing` it is made " +
      "only if nobody has changed what is desired since; with a bare version only if nothing at all has changed. Conflicts " +
      "are tried again until there is no time left; then the answer is 409, with the current version.",
    parameters: [
      thingInPath,
      {
        name: "If-Match",
        in: "header",
        description: 'An ETag of `getThing`, or a version of the shadow: `"17"`',
        schema: { type: "string", maxLength: 64 },
      },
    ],
    body: {
      title: "DesiredChange",
      type: "object",
      required: ["desired"],
      additionalProperties: false,
      properties: {
        desired: json(
          `The change: at most ${shadowLimits.bytes} bytes and ${shadowLimits.depth} levels; numbers that a double holds exactly`,
        ),
      },
    },
    responses: {
      200: {
        ...ok(
          "It is desired now",
          object("DesiredAccepted", {
            thingName,
            version: count("The shadow's version with this change"),
            desired: json("The change, as it was made"),
            timestamp: count("When it was made: seconds since 1970"),
            attempts: count("How often it was tried"),
          }),
        ),
        headers: etag,
      },
      404: noSuchThing,
      409: problem("What is desired has changed meanwhile; `currentVersion` is the shadow's version now"),
    },
    callbackFactory: setDesired,
    grants: (resources) => [
      useThings(resources, "iot:DescribeThing", "iot:GetThingShadow", "iot:UpdateThingShadow"),
      readOwnership(resources),
    ],
    environment: ownership,
  },
];
