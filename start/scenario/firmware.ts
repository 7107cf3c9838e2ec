import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { DescribeThingCommand, IoTClient } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { waitFor, within } from "../../common/waitFor";
import { buildOf } from "../../functions/firmware/builds";
import { appsShadow, type InstalledApp } from "../../functions/firmware/releases";
import { placeIn } from "../../operations/place";
import { type Followed, follow, takenUp } from "../../operations/release/follow";
import { countsLine, failureLines, sums } from "../../operations/release/progress";
import { publish } from "../../operations/release/publish";
import { Releases } from "../../operations/release/releases";
import { type AwsConfig, awsConfig } from "../../sandbox/aws";
import { outputsFileOf } from "../../sandbox/outputsFile";
import type { Session } from "../../sandbox/session";
import type { Timeline } from "../timeline";
import type { DemoDevice } from "./demoDevices";

/** What became of the release of the demonstration. */
export interface ReleaseOutcome {
  readonly app: string;
  readonly version: string;
  /** Things that took it, and what they ran before. */
  readonly updated: Readonly<Record<string, string>>;
  /** Things that had it, or something newer. */
  readonly untouched: readonly string[];
  /** How many things the same release reached the second time. */
  readonly again: number;
}

const VERSION = "2.0";
const ARTIFACT_BYTES = 200_000;
/** Seconds for one release: groups follow the fleet with some delay, as on AWS. */
const PATIENCE = 120;

/**
 * Releases 2.0 to a fleet of mixed versions, and then once more. Things that run something older have to end on it, by what
 * the cloud has recorded; nobody else is touched, and the second time nobody at all.
 */
export async function playRelease(
  session: Session,
  devices: readonly DemoDevice[],
  timeline: Timeline,
): Promise<{ outcome: ReleaseOutcome; problems: string[] }> {
  const place = placeIn(outputsFileOf(session));
  const releases = new Releases(place);
  const [app = ""] = releases.outputs.apps;
  const versions = new Versions(awsConfig(session.cloud), app);
  const folder = path.dirname(session.cloud.mqtt.caPath);
  const problems: string[] = [];
  const updated: Record<string, string> = {};
  const untouched: string[] = [];
  let again = -1;
  try {
    const before = new Map<string, string>();
    for (const device of devices) {
      const version = await versions.of(device.thingName);
      before.set(device.thingName, version);
      await device.keepUpToDate(app, version, path.join(folder, "devices", device.thingName));
    }
    const artifact = path.join(folder, `${app}-${VERSION}.bin`);
    writeFileSync(artifact, randomBytes(ARTIFACT_BYTES));
    const release = async (): Promise<Followed> => {
      timeline.say(
        "release",
        app,
        `${VERSION} is published: ${ARTIFACT_BYTES / 1000} kB, for all that run something older`,
      );
      const source = await publish(place, releases.outputs, { app, version: VERSION }, artifact);
      const followed = await follow(releases, await takenUp(releases, app, source), () => {}, { everyMs: 200 });
      const { status, reason } = followed.release;
      timeline.say(
        "release",
        app,
        `${VERSION} is ${status}: ${followed.counts ? countsLine(followed.counts) : reason}`,
      );
      if (status !== "COMPLETED") problems.push(`the release of ${app} ${VERSION} is ${status}: ${reason}`);
      for (const line of failureLines(await releases.failuresOf(followed.release))) problems.push(`${app}: ${line}`);
      return followed;
    };
    await within(PATIENCE, `the release of ${app} ${VERSION}`, release());
    for (const [thing, version] of before) {
      if (buildOf(version) < buildOf(VERSION)) {
        await versions.reach(thing, VERSION);
        updated[thing] = version;
      } else if ((await versions.of(thing)) === version) untouched.push(thing);
      else problems.push(`${thing} ran ${version}, and is recorded with ${await versions.of(thing)} now`);
    }
    const { counts } = await within(PATIENCE, `the second release of ${app} ${VERSION}`, release());
    again = counts ? sums(counts).all : 0;
    if (again !== 0) problems.push(`the second release of ${app} ${VERSION} reached ${again} things, not 0`);
  } catch (error) {
    problems.push(`release: ${(error as Error).message}`);
  }
  return { outcome: { app, version: VERSION, updated, untouched, again }, problems };
}

/** What things run, as the cloud has recorded it. */
class Versions {
  private readonly data: IoTDataPlaneClient;
  private readonly iot: IoTClient;

  constructor(
    config: AwsConfig,
    private readonly app: string,
  ) {
    this.data = new IoTDataPlaneClient(config);
    this.iot = new IoTClient(config);
  }

  async of(thingName: string): Promise<string> {
    const { payload } = await this.data.send(new GetThingShadowCommand({ thingName, shadowName: appsShadow }));
    const { state } = JSON.parse(Buffer.from(payload ?? []).toString()) as {
      state: { reported?: Record<string, InstalledApp> };
    };
    const installed = state.reported?.[this.app];
    if (!installed) throw new Error(`no version of ${this.app} is recorded for ${thingName}`);
    return installed.version;
  }

  /** Waits until the shadow and the thing's attributes both say so. */
  async reach(thingName: string, version: string): Promise<void> {
    let seen: unknown;
    await waitFor(
      `${thingName} to be recorded with ${this.app} ${version}`,
      async () => {
        const { attributes = {} } = await this.iot.send(new DescribeThingCommand({ thingName }));
        seen = { shadow: await this.of(thingName), attribute: attributes.app_version, build: attributes.app_build };
        return (
          (await this.of(thingName)) === version &&
          attributes.app_version === version &&
          attributes.app_build === String(buildOf(version))
        );
      },
      { seconds: 30, everyMs: 200, lastSeen: () => seen },
    );
  }
}
