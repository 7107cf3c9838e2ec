import { setTimeout as delay } from "node:timers/promises";
import { CreateThingCommand, IoTClient } from "@aws-sdk/client-iot";
import {
  GetThingShadowCommand,
  IoTDataPlaneClient,
  PublishCommand,
  UpdateThingShadowCommand,
} from "@aws-sdk/client-iot-data-plane";
import { awsConfig } from "../../sandbox/aws";
import { startLocalCloud } from "../../sandbox/localCloud";
import type { BenchResult } from "./result";

const DEVICES = 10;
/** Reports of one device per second, and how many of them change what an app shows or controls. */
const REPORTS_PER_SECOND = 5;
const SHADOW_SHARE = 1 / 25;
const SECONDS = 20;
/** What an app needs between reading a shadow and writing it: the way to the cloud and back, and its own work. */
const APP_MS = 60;
const APP_PAUSE_MS = 100;

interface Load {
  readonly reports: number;
  readonly updates: number;
  readonly attempts: number;
  readonly conflicts: number;
  /** The most attempts that one update took. */
  readonly most: number;
}

/**
 * Devices report while an app sets what is desired of one after the other: it reads the shadow, thinks, and writes with the
 * version it has read, as an app must that does not want to overwrite what it has not seen.
 * @param shadowShare the share of reports that go to the shadow; the others go to the topic of telemetry
 */
async function load(data: IoTDataPlaneClient, names: readonly string[], shadowShare: number): Promise<Load> {
  const end = Date.now() + SECONDS * 1000;
  let reports = 0;
  const device = async (thingName: string, at: number) => {
    // Not all at the same moment.
    await delay((1000 / REPORTS_PER_SECOND / names.length) * at);
    for (let n = 0; Date.now() < end; n++) {
      const next = delay(1000 / REPORTS_PER_SECOND);
      const reported = { n, temperature: 4 + Math.random() };
      const toShadow = Math.floor(n * shadowShare) !== Math.floor((n - 1) * shadowShare);
      if (toShadow) {
        await data.send(new UpdateThingShadowCommand({ thingName, payload: json({ state: { reported } }) }));
      } else {
        await data.send(new PublishCommand({ topic: `my/things/${thingName}/state`, payload: json(reported) }));
      }
      reports += 1;
      await next;
    }
  };
  const counts = { updates: 0, attempts: 0, conflicts: 0, most: 0 };
  const app = async () => {
    for (let n = 0; Date.now() < end; n++) {
      const tries = await update(data, names[n % names.length] as string, n);
      counts.updates += 1;
      counts.attempts += tries;
      counts.conflicts += tries - 1;
      counts.most = Math.max(counts.most, tries);
      await delay(APP_PAUSE_MS);
    }
  };
  await Promise.all([...names.map(device), app()]);
  return { reports, ...counts };
}

/** @returns how many attempts it took */
async function update(data: IoTDataPlaneClient, thingName: string, setpoint: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const { payload } = await data.send(new GetThingShadowCommand({ thingName }));
    const { version } = JSON.parse(payload!.transformToString());
    await delay(APP_MS);
    try {
      await data.send(
        new UpdateThingShadowCommand({ thingName, payload: json({ state: { desired: { setpoint } }, version }) }),
      );
      return attempt;
    } catch (error) {
      if ((error as Error).name !== "ConflictException") throw error;
      await delay(Math.random() * 50 * attempt);
    }
  }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** Measures version conflicts with everything in the shadow, and with telemetry beside it. About 45 seconds. */
export async function run(): Promise<BenchResult> {
  const cloud = await startLocalCloud();
  try {
    const config = awsConfig(cloud);
    const data = new IoTDataPlaneClient(config);
    const thingsOf = async (prefix: string) => {
      const names = Array.from({ length: DEVICES }, (_, n) => `${prefix}-${n}`);
      for (const thingName of names) {
        await new IoTClient(config).send(new CreateThingCommand({ thingName }));
        await data.send(new UpdateThingShadowCommand({ thingName, payload: json({ state: { reported: { n: 0 } } }) }));
      }
      return names;
    };
    const whole = await load(data, await thingsOf("whole"), 1);
    const split = await load(data, await thingsOf("split"), SHADOW_SHARE);
    const row = (what: string, { reports, updates, attempts, conflicts, most }: Load) => ({
      what,
      value: `${((100 * conflicts) / attempts).toFixed(1)} % of writes conflict`,
      note: `${updates} updates took ${attempts} attempts (${(conflicts / updates).toFixed(2)} retries each, ${most} at most) beside ${reports} reports`,
    });
    return {
      title: `Version conflicts: ${DEVICES} devices, ${REPORTS_PER_SECOND} reports/s each, an app that takes ${APP_MS} ms to write`,
      rows: [
        row("everything in the shadow", whole),
        row(`only what an app shows in the shadow (1 report of ${1 / SHADOW_SHARE}), the rest as telemetry`, split),
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
