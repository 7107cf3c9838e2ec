import {
  CreateDynamicThingGroupCommand,
  CreateThingCommand,
  DescribeIndexCommand,
  DescribeThingGroupCommand,
  IoTClient,
  ListThingsInThingGroupCommand,
  UpdateIndexingConfigurationCommand,
} from "@aws-sdk/client-iot";
import { IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { waitFor } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import { compileQuery, parseQuery } from "../../sandbox/fleetIndex";
import { DynamicGroup } from "../../sandbox/fleetIndex/dynamicGroup";
import { IndexedThing } from "../../sandbox/fleetIndex/indexedThing";
import { decide } from "../../sandbox/fleetIndex/membership";
import type { ShadowState, Thing } from "../../sandbox/fleetIndex/thing";
import { startLocalCloud } from "../../sandbox/localCloud";
import { type BenchResult, milliseconds, percentile, spread } from "./result";

const THINGS = 10_000;
const GROUPS = 100;
/** Rounds of each measurement; they take turns, and the median counts, so that a busy moment hits all alike. */
const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;
const CHANGES = 40;

const QUERY =
  "shadow.name.apps.reported.cooler.build<2000000 AND attributes.model:x* AND (connectivity.connected:true OR shadow.reported.battery>50)";

/** A thing as its registry entry, its two shadows and its connectivity: what a program would fetch. */
function thingAt(at: number): Thing {
  return {
    thingName: `cooler-${at}`,
    attributes: { model: at % 3 === 0 ? "X2" : "Y1", site: `site-${at % 50}` },
    thingGroupNames: [],
    shadows: new Map<string, ShadowState>([
      ["", { reported: { battery: at % 100, temperature: 5, stats: { starts: at, errors: [1, 2] } } }],
      ["apps", { reported: { cooler: { version: "1.9", build: at % 2 === 0 ? 1_009_000 : 2_000_000 } } }],
    ]),
    connectivity: { connected: at % 5 === 0, timestamp: 1_790_000_000_000 + at },
  };
}

/** What one writes without an index: the same question asked of the thing itself. */
function asked(thing: Pick<Thing, "attributes" | "connectivity"> & { shadows: Record<string, never> }): boolean {
  const { attributes, connectivity, shadows } = thing as unknown as {
    attributes: Record<string, string>;
    connectivity?: { connected: boolean };
    shadows: { ""?: { reported?: { battery?: number } }; apps?: { reported?: { cooler?: { build?: number } } } };
  };
  const build = shadows.apps?.reported?.cooler?.build;
  return (
    typeof build === "number" &&
    build < 2_000_000 &&
    attributes.model?.toLowerCase().startsWith("x") === true &&
    (connectivity?.connected === true || (shadows[""]?.reported?.battery ?? 0) > 50)
  );
}

/** Median milliseconds of processor time of each piece of work, in rounds in which they take turns. */
function measure(works: Readonly<Record<string, () => void>>): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times[name] = [...(times[name] ?? []), (user + system) / 1000];
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, percentile(list, 0.5)]));
}

function inMemory(): BenchResult["rows"] {
  const things = Array.from({ length: THINGS }, (_, at) => thingAt(at));
  const fetched = things.map((thing) => JSON.stringify({ ...thing, shadows: Object.fromEntries(thing.shadows) }));
  const indexed = things.map((thing) => new IndexedThing(thing));
  const parsed = fetched.map((text) => JSON.parse(text));
  const predicate = compileQuery(parseQuery(QUERY));
  const groups = Array.from({ length: GROUPS }, (_, at) => {
    const query = `${QUERY} AND attributes.site:site-${at}`;
    const group = new DynamicGroup(`group-${at}`, query, compileQuery(parseQuery(query)));
    group.settle(group.waiting!);
    return group;
  });
  const [found, expected] = [indexed.filter(predicate).length, parsed.filter(asked).length];
  if (found !== expected || found === 0) throw new Error(`The index finds ${found} things, the program ${expected}`);

  const times = measure({
    parse: () => {
      for (let i = 0; i < 100; i++) compileQuery(parseQuery(QUERY));
    },
    search: () => void indexed.filter(compileQuery(parseQuery(QUERY))),
    refetched: () => void fetched.map((text) => JSON.parse(text)).filter(asked),
    held: () => void parsed.filter(asked),
    index: () => {
      for (const thing of things) new IndexedThing(thing);
    },
    change: () => {
      for (let at = 0; at < 100; at++) decide(new IndexedThing(things[at]!), groups, (group) => group.predicate);
    },
    everything: () => {
      for (const thing of indexed) for (const group of groups) group.predicate?.(thing);
    },
  });
  const time = (name: string) => times[name] as number;
  const count = THINGS.toLocaleString("en-US");
  return [
    { what: "parse and compile a query of four terms", value: `${(time("parse") * 10).toFixed(0)} µs` },
    { what: `ask ${count} things, parsing included`, value: milliseconds(time("search")), note: `${found} found` },
    {
      what: `the same by a predicate in JavaScript over ${count} things fetched anew`,
      value: milliseconds(time("refetched")),
      note: `JSON.parse and the predicate, without the network: ${(time("refetched") / time("search")).toFixed(1)} times the index`,
    },
    {
      what: "the same predicate over objects that are held in memory",
      value: milliseconds(time("held")),
      note: `${(time("search") / time("held")).toFixed(1)} times as fast as the index, and knows one question only`,
    },
    { what: `lay out ${count} things for queries`, value: milliseconds(time("index")) },
    {
      what: `one change: lay out its thing, ask ${GROUPS} groups`,
      value: `${(time("change") * 10).toFixed(0)} µs`,
      note: `asking everything anew would take ${((time("everything") / time("change")) * 100).toFixed(0)} times as long`,
    },
  ];
}

/** From a change of a shadow to the membership in MiniStack, with an index that does not wait. */
async function endToEnd(): Promise<BenchResult["rows"]> {
  const cloud = await startLocalCloud({ fleetIndexLagSeconds: 0 });
  try {
    const iot = new IoTClient(awsConfig(cloud));
    const data = new IoTDataPlaneClient(awsConfig(cloud));
    await iot.send(
      new UpdateIndexingConfigurationCommand({
        thingIndexingConfiguration: { thingIndexingMode: "REGISTRY_AND_SHADOW" },
      }),
    );
    const index = new DescribeIndexCommand({ indexName: "AWS_Things" });
    await waitFor("the index", async () => (await iot.send(index)).indexStatus === "ACTIVE");
    await iot.send(new CreateThingCommand({ thingName: "cooler" }));
    const thingGroupName = "hot";
    await iot.send(new CreateDynamicThingGroupCommand({ thingGroupName, queryString: "shadow.reported.t>30" }));
    const group = new DescribeThingGroupCommand({ thingGroupName });
    await waitFor("the group", async () => (await iot.send(group)).status === "ACTIVE");

    const times: number[] = [];
    for (let change = 0; change < CHANGES; change++) {
      const hot = change % 2 === 0;
      const payload = Buffer.from(JSON.stringify({ state: { reported: { t: hot ? 31 : 29 } } }));
      const started = performance.now();
      await data.send(new UpdateThingShadowCommand({ thingName: "cooler", payload }));
      const members = new ListThingsInThingGroupCommand({ thingGroupName });
      const isMember = async () => (await iot.send(members)).things?.length === 1;
      await waitFor("the membership", async () => (await isMember()) === hot, { everyMs: 1 });
      times.push(performance.now() - started);
    }
    return [
      {
        what: "shadow update to membership, lag set to 0",
        value: spread(times),
        note: `${CHANGES} changes, one thing`,
      },
    ];
  } finally {
    await cloud.stop();
  }
}

/** Measures the fleet index: the query language on one core, and how it follows changes on the local cloud. */
export async function run(): Promise<BenchResult> {
  return { title: "Fleet index: queries and dynamic groups", rows: [...inMemory(), ...(await endToEnd())] };
}
