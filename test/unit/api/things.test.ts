import { expect } from "chai";
import { fleetQuery, queriesAmong, searchOf } from "../../../functions/api/fleetQuery";
import { getThingOf } from "../../../functions/api/getThing";
import { listThingsOf } from "../../../functions/api/listThings";
import { deltaOf } from "../../../functions/api/shadow";
import { parseQuery } from "../../../sandbox/fleetIndex/query/parse";
import { type Asked, ask, callers, silently } from "./apiHelp";
import { FakeFleet } from "./fakeFleet";

describe("search words", () => {
  const queries: [string, string, string][] = [
    ["none", "", "thingName:*"],
    ["a part of a name", "cooler", "thingName:*cooler*"],
    ["parts of a name", "cooler 1", "thingName:*cooler*1*"],
    ["signs in a name", "a-b", "thingName:*a\\-b*"],
    ["an operator as a part of a name", "OR", "thingName:*OR*"],
    ["an attribute", "attributes.model:x2", 'attributes.model:"x2"'],
    ["a quote in a value", 'attributes.model:a"b\\c', 'attributes.model:"a\\"b\\\\c"'],
    ["any characters in a value", "attributes.model:x*", "attributes.model:x*"],
    ["signs beside them", "attributes.model:a/b*", "attributes.model:a\\/b*"],
    ["a name and a field", "cool connectivity.connected:true", 'thingName:*cool* AND connectivity.connected:"true"'],
    ["AND in words", "cool AND thingTypeName:x", 'thingName:*cool* AND thingTypeName:"x"'],
    ["a comparison", "shadow.reported.t>=-1.5", "shadow.reported.t>=-1.5"],
    ["an app", "shadow.name.apps.reported.door.version:2.0", 'shadow.name.apps.reported.door.version:"2.0"'],
  ];
  for (const [what, words, query] of queries) {
    it(`are a query: ${what}`, () => {
      expect(fleetQuery(searchOf(words))).to.equal(query);
      expect(() => parseQuery(query), "the fleet index reads it").not.to.throw();
    });
  }

  for (const words of [
    "model:x2",
    "shadow.metadata.x:1",
    "attributes.:x",
    "attributes.a:",
    ":x",
    "attributes.a>b",
    "attributes.a:1 attributes.b:1 attributes.c:1 attributes.d:1 attributes.e:1",
    "x".repeat(201),
    "x".repeat(100),
  ]) {
    it(`are refused: ${words.slice(0, 40)}`, () => {
      expect(() => fleetQuery(searchOf(words)))
        .to.throw()
        .with.nested.property("problem.status", 400);
    });
  }

  const among: [string, string, string[]][] = [
    ["", "all", ["Cooler-1", "cooler-12", "door"]],
    ["COOL 1", "parts in any case", ["Cooler-1", "cooler-12"]],
    ["1 cool", "parts in their order only", []],
    ["1 2", "one part after the other", ["cooler-12"]],
    ["11", "no sign twice", []],
  ];
  for (const [words, what, found] of among) {
    it(`look among names for ${what}`, () => {
      const [query = ""] = queriesAmong(searchOf(words), ["Cooler-1", "cooler-12", "door"]);
      expect([...query.matchAll(/"([^"]+)"/g)].map(([, name]) => name)).to.deep.equal(found);
    });
  }

  it("never ask for more among names than AWS takes", () => {
    const names = Array.from({ length: 30 }, (_, n) => `${n}`.padStart(128, "a"));
    for (const words of ["", "a", "a attributes.a:1 attributes.b:1 attributes.c:1 attributes.d:1"]) {
      const queries = queriesAmong(searchOf(words), names);
      for (const query of queries) parseQuery(query);
      expect(queries.join().match(/a{100}/g)).to.have.length(30);
    }
  });
});

describe("a list of things", () => {
  silently();
  let fleet: FakeFleet;
  beforeEach(() => {
    fleet = new FakeFleet();
    fleet.index = [
      {
        thingName: "mine",
        thingTypeName: "cooler",
        attributes: { model: "x2" },
        connectivity: { connected: true, timestamp: 1_767_225_600_000 },
        shadow: JSON.stringify({ reported: {}, name: { apps: { reported: { door: { version: "2.0", build: 1 } } } } }),
      },
      { thingName: "Mine", connectivity: { connected: false, timestamp: -1, disconnectReason: "CONNECTION_LOST" } },
    ];
  });
  const list = (asked: Asked = {}) => ask("listThings", (request) => listThingsOf(fleet, request), asked);

  it("tells admins of all there are", async () => {
    const { status, body } = await list();
    expect(status).to.equal(200);
    expect(body.things).to.deep.equal([
      {
        thingName: "mine",
        thingTypeName: "cooler",
        attributes: { model: "x2" },
        connectivity: { connected: true, timestamp: 1_767_225_600_000 },
        apps: { door: "2.0" },
      },
      { thingName: "Mine", attributes: {}, connectivity: { connected: false, disconnectReason: "CONNECTION_LOST" } },
    ]);
    expect(fleet.queries).to.deep.equal([{ query: "thingName:*", limit: 25, token: undefined }]);
  });

  it("tells others of their own things only, even where the index takes two names for one", async () => {
    const { body } = await list({ caller: "user", query: { query: "attributes.model:x2" } });
    expect(body.things.map(({ thingName }: { thingName: string }) => thingName)).to.deep.equal(["mine"]);
    expect(body).not.to.have.property("nextPageToken");
    expect(fleet.queries.map(({ query }) => query)).to.deep.equal(['attributes.model:"x2" AND thingName:("mine")']);
  });

  it("asks the index nothing for who owns nothing", async () => {
    fleet.owners.clear();
    expect((await list({ caller: "user" })).body).to.deep.equal({ things: [] });
    expect(fleet.queries).to.deep.equal([]);
  });

  it("has pages, in AWS's order for admins", async () => {
    const { body } = await list({ query: { limit: "2" } });
    expect((await list({ query: { limit: "2", pageToken: body.nextPageToken } })).body).not.to.have.property(
      "nextPageToken",
    );
    expect(fleet.queries.map(({ limit, token }) => [limit, token])).to.deep.equal([
      [2, undefined],
      [2, "aws-token"],
    ]);
  });

  it("has pages, by name for others", async () => {
    for (const name of ["a", "b", "c"]) fleet.owners.set(name, callers.user.sub);
    fleet.index = [..."abc", "mine"].map((thingName) => ({ thingName }));
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const { body } = await list({ caller: "user", query: { limit: "2", ...(pageToken && { pageToken }) } });
      seen.push(...body.things.map(({ thingName }: { thingName: string }) => thingName));
      pageToken = body.nextPageToken;
    } while (pageToken);
    expect(seen).to.deep.equal(["a", "b", "c", "mine"]);
  });

  it("refuses the page token of another caller, another query, and one that AWS has forgotten", async () => {
    const { body } = await list();
    const { nextPageToken: pageToken } = body;
    const askedNow = fleet.queries.length;
    expect((await list({ caller: "user", query: { pageToken } })).status).to.equal(400);
    expect((await list({ query: { pageToken, query: "x" } })).status).to.equal(400);
    expect(fleet.queries).to.have.length(askedNow);
    fleet.search = (async () => {
      throw Object.assign(new Error("The token has expired"), { name: "InvalidRequestException" });
    }) as never;
    const gone = await list({ query: { pageToken } });
    expect([gone.status, gone.body.type]).to.deep.equal([400, "urn:thingstack:problem:invalid-page-token"]);
  });

  for (const limit of ["0", "101", "-1", "1.5", "x", "1e1", "99999999999999999999"]) {
    it(`refuses a limit of ${limit}`, async () => expect((await list({ query: { limit } })).status).to.equal(400));
  }

  it("refuses a parameter that is there twice", async () => {
    const event = { multiValueQueryStringParameters: { limit: ["1", "2"] } };
    expect((await list({ query: { limit: "2" }, event })).status).to.equal(400);
  });
});

describe("one thing", () => {
  silently();
  let fleet: FakeFleet;
  beforeEach(() => {
    fleet = new FakeFleet();
  });
  const get = (asked: Asked = {}) =>
    ask("getThing", (request) => getThingOf(fleet, request), { caller: "user", path: { thingName: "mine" }, ...asked });

  it("is what the registry, its shadows and the index know", async () => {
    fleet.write("mine", { desired: { a: 1, b: { c: 2, d: 3 } }, reported: { a: 1, b: { c: 9, d: 3 }, e: 5 } });
    fleet.write("mine/apps", {
      reported: { door: { version: "2.0", build: 2_000_000, jobId: "door-2_0-1" } } as never,
    });
    fleet.index = [{ thingName: "Mine", connectivity: { connected: false } }];
    fleet.index.push({ thingName: "mine", connectivity: { connected: true } });
    const { body, headers } = await get();
    expect(body).to.deep.equal({
      thingName: "mine",
      thingTypeName: "cooler",
      attributes: { model: "x2" },
      connectivity: { connected: true },
      shadow: {
        version: 1,
        desired: { a: 1, b: { c: 2, d: 3 } },
        reported: { a: 1, b: { c: 9, d: 3 }, e: 5 },
        delta: { b: { c: 2 } },
        metadata: {},
        timestamp: 1_767_225_600,
      },
      apps: { door: "2.0" },
    });
    expect(headers.etag).to.match(/^"1-[0-9a-f]{16}"$/);
  });

  it("may have no shadow and be in no index yet", async () => {
    const { body } = await get();
    expect(body.shadow).to.deep.equal({ version: 0, desired: {}, reported: {}, delta: {}, metadata: {}, timestamp: 0 });
    expect(body.connectivity).to.deep.equal({ connected: false });
  });

  it("is not there for others: the same answer as for one that is nowhere", async () => {
    const theirs = await get({ path: { thingName: "theirs" } });
    expect(theirs.status).to.equal(404);
    expect(theirs).to.deep.equal(await get({ path: { thingName: "none" } }));
    expect((await get({ path: { thingName: "theirs" }, caller: "admin" })).status).to.equal(200);
    expect((await get({ path: { thingName: "none" }, caller: "admin" })).status).to.equal(404);
  });

  it("that was owned and is gone is not there", async () => {
    fleet.things.delete("mine");
    expect((await get()).status).to.equal(404);
  });

  /** As AWS IoT computes it: moto's tests against AWS. */
  const deltas: [string, object, object, object][] = [
    ["nothing is desired", {}, { a: 1 }, {}],
    ["nothing is reported", { a: { b: 1 } }, {}, { a: { b: 1 } }],
    ["all is as desired", { a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }], x: 1 } }, {}],
    ["a list differs", { a: ["v1"] }, { a: ["v1", "v2"] }, { a: ["v1"] }],
    [
      "something further in differs",
      { a: { b: { c: "d2" } } },
      { a: { b: { c: "d", e: "f" } } },
      { a: { b: { c: "d2" } } },
    ],
    ["the kind of value differs", { a: { b: 1 } }, { a: 1 }, { a: { b: 1 } }],
    ["an empty object is desired", { a: {} }, {}, { a: {} }],
    ["an empty object is reported", { a: {} }, { a: {} }, {}],
    ["the order of keys differs", { a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, {}],
    ["a property is called like one that every object has", { toString: 1 }, {}, { toString: 1 }],
  ];
  for (const [what, desired, reported, delta] of deltas) {
    it(`has the delta of AWS when ${what}`, () =>
      expect(deltaOf(desired as never, reported as never)).to.deep.equal(delta));
  }
});
