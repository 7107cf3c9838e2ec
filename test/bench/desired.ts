import { setTimeout as delay } from "node:timers/promises";
import { CreateThingCommand, IoTClient } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import type { Refusal } from "../../functions/api/problem";
import type { ApiRequest } from "../../functions/api/request";
import { type Shadows, setDesiredOf } from "../../functions/api/setDesired";
import { etagOf, type ShadowDocument } from "../../functions/api/shadow";
import { awsConfig } from "../../sandbox/aws";
import { startLocalCloud } from "../../sandbox/localCloud";
import { type BenchResult, milliseconds, percentile } from "./result";

const WRITERS = 50;
/** So many people may have the same thing's editor open. */
const PEOPLE = 5;
const REPORTS_PER_SECOND = 20;
const SECONDS = 8;
/** What each writer pauses between two writes. */
const PAUSE_MS = 1000;
/** What an app needs between reading a shadow and writing it: the way to the cloud and back. */
const APP_MS = 60;
/** What a caller of the API waits at most. */
const DEADLINE_MS = 10_000;

interface Load {
  writes: number;
  failed: number;
  retries: number;
  readonly took: number[];
  reports: number;
}

/** One write; answers with how often it was tried, and throws when it was not made. */
type Write = (thingName: string, writer: number, n: number) => Promise<number>;

/** One thing that reports, and many who write to it at once. */
async function load(data: IoTDataPlaneClient, thingName: string, write: Write, writers: number): Promise<Load> {
  const end = Date.now() + SECONDS * 1000;
  const counts: Load = { writes: 0, failed: 0, retries: 0, took: [], reports: 0 };
  const device = async () => {
    for (let n = 0; Date.now() < end; n++) {
      const next = delay(1000 / REPORTS_PER_SECOND);
      await data.send(new UpdateThingShadowCommand({ thingName, payload: json({ state: { reported: { n } } }) }));
      counts.reports += 1;
      await next;
    }
  };
  const writer = async (at: number) => {
    // Not all at the same moment.
    await delay((PAUSE_MS / writers) * at);
    for (let n = 0; Date.now() < end; n++) {
      const started = performance.now();
      counts.writes += 1;
      try {
        counts.retries += (await write(thingName, at, n)) - 1;
        counts.took.push(performance.now() - started);
      } catch (error) {
        if (!isConflict(error)) throw error;
        counts.failed += 1;
      }
      await delay(PAUSE_MS);
    }
  };
  await Promise.all([device(), ...Array.from({ length: writers }, (_, at) => writer(at))]);
  return counts;
}

const isConflict = (error: unknown) =>
  (error as Error).name === "ConflictException" || (error as Partial<Refusal>).problem?.status === 409;

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** The route's own core, on AWS clients. */
function shadowsOf(data: IoTDataPlaneClient): Shadows {
  const documentOf = (payload?: Uint8Array): ShadowDocument => JSON.parse(Buffer.from(payload ?? "{}").toString());
  return {
    owns: async () => true,
    exists: async () => true,
    get: async (thingName) => documentOf((await data.send(new GetThingShadowCommand({ thingName }))).payload),
    update: async (thingName, document) =>
      documentOf((await data.send(new UpdateThingShadowCommand({ thingName, payload: json(document) }))).payload),
    pause: (time) => delay(time),
    random: Math.random,
  };
}

/** A call of the route, as a request of its own with its own deadline. */
async function call(shadows: Shadows, thingName: string, desired: object, ifMatch?: string): Promise<number> {
  const end = Date.now() + DEADLINE_MS;
  const request: ApiRequest = {
    caller: { sub: "s", username: "u", groups: ["admin"], isAdmin: true },
    path: () => thingName,
    query: () => undefined,
    header: () => ifMatch,
    body: () => JSON.stringify({ desired }),
    remaining: () => end - Date.now(),
  };
  const { body } = await setDesiredOf(shadows, request);
  return (body as { attempts: number }).attempts;
}

/** Measures writes to one busy thing, as the API makes them and as apps did that sent a version along. About 45 seconds. */
export async function run(): Promise<BenchResult> {
  const cloud = await startLocalCloud();
  try {
    const config = awsConfig(cloud);
    const data = new IoTDataPlaneClient(config);
    const shadows = shadowsOf(data);
    const measure = async (thingName: string, write: Write, writers = WRITERS) => {
      await new IoTClient(config).send(new CreateThingCommand({ thingName }));
      const payload = json({ state: { reported: { n: 0 }, desired: { setpoint: 0 } } });
      await data.send(new UpdateThingShadowCommand({ thingName, payload }));
      return load(data, thingName, write, writers);
    };
    const read = (thingName: string) => shadows.get(thingName) as Promise<ShadowDocument>;

    const merged = await measure("merged", (thing, writer, n) => call(shadows, thing, { [`w${writer}`]: n }));
    const versioned = await measure("versioned", async (thing, writer, n) => {
      const { version } = await read(thing);
      await delay(APP_MS);
      await shadows.update(thing, { state: { desired: { [`w${writer}`]: n } }, version });
      return 1;
    });
    /** Looks, thinks, and changes what is desired if nobody else has meanwhile. */
    const edit = (desiredOf: (writer: number, n: number) => object): Write => {
      return async (thing, writer, n) => {
        const seen = await read(thing);
        await delay(APP_MS);
        return call(shadows, thing, desiredOf(writer, n), etagOf(seen));
      };
    };
    // What is desired stays what it is, so that only the device and the others' writes move the version.
    const same = edit(() => ({ setpoint: 0 }));
    const guarded = await measure("guarded", same, PEOPLE);
    const crowded = await measure("crowded", same);
    const contended = await measure(
      "contended",
      edit((writer, n) => ({ setpoint: writer * 1000 + n })),
      PEOPLE,
    );
    const row = (what: string, { writes, failed, retries, took, reports }: Load, note = "") => ({
      what,
      value: `${((100 * (writes - failed)) / writes).toFixed(1)} % succeed, p95 ${took.length > 0 ? milliseconds(percentile(took, 0.95)) : "-"}`,
      note: `${writes} writes, ${(retries / Math.max(1, writes - failed)).toFixed(2)} retries each, beside ${reports} reports${note}`,
    });
    return {
      title: `Set desired: ${WRITERS} writers, a write per second each, one thing that reports ${REPORTS_PER_SECOND} times a second`,
      rows: [
        row("the API: AWS IoT merges, no version is sent", merged),
        row(`read, ${APP_MS} ms, write with the version read, no retry`, versioned),
        row(`${PEOPLE} writers: the API with an ETag, nobody changes what is desired`, guarded),
        row("the same, 50 of them", crowded, "; AWS takes 20 requests a second for one thing"),
        row(`${PEOPLE} writers: the API with an ETag, all change the same property`, contended, "; a refusal is right"),
      ],
    };
  } finally {
    await cloud.stop();
  }
}

if (require.main === module) {
  void run().then(({ title, rows }) => {
    console.log(title);
    console.table(rows);
  });
}
