import { readFileSync } from "node:fs";
import type { ApiOutputs } from "../../common/stackOutputs";
import { awsConfig } from "../../sandbox/aws";
import { openSession, type Session } from "../../sandbox/session";
import { ApiPeople } from "../e2e/apiPeople";
import { type BenchResult, percentile, spread } from "./result";

/** Requests per route, warm. */
const times = 60;
/** Requests a second that are tried, one after the other, until the 95th percentile is too late. */
const rates = [5, 10, 15, 20, 30, 40];
/** Seconds that a rate is kept up. */
const duration = 5;
/** Milliseconds. */
const limit = 100;

/** How long each route takes, cold and warm, and how many requests a second the local cloud answers in time. */
export async function run(): Promise<BenchResult> {
  const session = await openSession();
  try {
    const ask = await asker(session);
    const rows = [];
    for (const [route, path] of routes(session)) {
      const cold = await ask(path);
      const warm: number[] = [];
      for (let time = 0; time < times; time += 1) warm.push(await ask(path));
      rows.push({ what: route, value: spread(warm), note: `warm; the first one ${Math.round(cold)} ms` });
    }
    rows.push(await sustained(ask));
    return { title: "The API, through the gateway of the local cloud", rows };
  } finally {
    await session.stop();
  }
}

/** Every route that reads, with things and names that are there. */
function routes(session: Session): [route: string, path: string][] {
  const contract = JSON.parse(readFileSync("docs/openapi.json", "utf8")) as { paths: Record<string, object> };
  const thing = session.devices[0]!.thingName;
  return Object.entries(contract.paths)
    .filter(([path, methods]) => "get" in methods && !path.includes("{jobId}"))
    .map(([path]) => [`GET ${path}`, path.replace("{thingName}", thing)]);
}

/** Asks as an admin; milliseconds until the whole answer is there. */
async function asker(session: Session): Promise<(path: string) => Promise<number>> {
  const api = session.outputs.api as ApiOutputs;
  const { accessToken } = await new ApiPeople(awsConfig(session.cloud), api).signUp({ group: "admin" });
  return async (path) => {
    const start = performance.now();
    const answer = await fetch(api.url + path, { headers: { authorization: `Bearer ${accessToken}` } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`GET ${path} was answered with ${answer.status}`);
    return performance.now() - start;
  };
}

/** The highest rate at which requests, sent at even intervals whatever becomes of them, are answered in time. */
async function sustained(ask: (path: string) => Promise<number>) {
  let best = { rate: 0, took: [0] };
  for (const rate of rates) {
    const asked: Promise<number>[] = [];
    for (let at = 0; at < rate * duration; at += 1) {
      asked.push(ask("/whoami"));
      await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
    }
    const took = await Promise.all(asked);
    if (percentile(took, 0.95) >= limit) break;
    best = { rate, took };
  }
  return {
    what: `requests a second with p95 under ${limit} ms`,
    value: best.rate === 0 ? `less than ${rates[0]}` : String(best.rate),
    note: `GET /whoami, ${best.rate === 0 ? "" : `${spread(best.took)}; `}the authorizer is asked each time, AWS caches its answers`,
  };
}
