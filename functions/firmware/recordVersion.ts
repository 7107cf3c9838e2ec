import { DescribeThingCommand, IoTClient, UpdateThingCommand } from "@aws-sdk/client-iot";
import { GetThingShadowCommand, IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { appsShadow, type InstalledApp } from "./releases";

/** A shadow as far as it matters here. */
interface Shadow {
  readonly version: number;
  readonly reported: Readonly<Record<string, unknown>>;
}

/** How often a change is tried that others keep coming before. */
const attempts = 10;

/**
 * Writes what a thing has installed: the named shadow `apps`, which fleet queries see, and for the component's first app the
 * attributes `app_version` and `app_build`.
 *
 * Environment: FIRST_APP.
 */
export function versionRecorder() {
  const iot = new IoTClient({});
  const data = new IoTDataPlaneClient({});

  async function shadowOf(thingName: string, shadowName?: string): Promise<Shadow | undefined> {
    try {
      const { payload } = await data.send(new GetThingShadowCommand({ thingName, shadowName }));
      const { version, state } = JSON.parse(Buffer.from(payload ?? []).toString());
      return { version, reported: state?.reported ?? {} };
    } catch (error) {
      if ((error as Error).name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  const update = (thingName: string, shadowName: string, document: unknown) =>
    data.send(new UpdateThingShadowCommand({ thingName, shadowName, payload: Buffer.from(JSON.stringify(document)) }));

  /**
   * Changes one app of a thing, unless `change` finds nothing to do.
   * @returns what was recorded before, and what is now
   */
  async function install(
    thingName: string,
    app: string,
    change: (current: InstalledApp | undefined) => InstalledApp | undefined,
  ): Promise<{ readonly before?: InstalledApp; readonly now?: InstalledApp }> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const shadow = await shadowOf(thingName, appsShadow);
      if (!shadow) {
        // With nothing in it, so that of two who make it neither overwrites the other; then it has a version to go by.
        await update(thingName, appsShadow, { state: { reported: {} } });
        continue;
      }
      const before = shadow.reported[app] as InstalledApp | undefined;
      const now = change(before);
      if (!now) return { before, now: before };
      try {
        // Null removes what an earlier release left.
        const reported = { [app]: before ? { jobId: null, turn: null, ...now } : now };
        await update(thingName, appsShadow, { version: shadow.version, state: { reported } });
        return { before, now };
      } catch (error) {
        if ((error as Error).name !== "ConflictException") throw error;
        await pause(attempt);
      }
    }
    throw new Error(`${thingName}: the shadow ${appsShadow} was changed by others at each of ${attempts} attempts`);
  }

  /**
   * Brings the attributes in line with the shadow. Of two that write at once one is refused, by the thing's version. But one
   * that finds them in line writes nothing, and refuses nobody who read the shadow before: so after each write it looks again.
   */
  async function label(thingName: string): Promise<void> {
    const app = process.env.FIRST_APP ?? "";
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        const thing = await iot.send(new DescribeThingCommand({ thingName }));
        const installed = (await shadowOf(thingName, appsShadow))?.reported[app] as InstalledApp | undefined;
        if (!installed) return;
        const wanted = { app_version: installed.version, app_build: String(installed.build) };
        const { app_version, app_build } = thing.attributes ?? {};
        if (app_version === wanted.app_version && app_build === wanted.app_build) return;
        await iot.send(
          new UpdateThingCommand({
            thingName,
            expectedVersion: thing.version,
            attributePayload: { attributes: wanted, merge: true },
          }),
        );
      } catch (error) {
        if ((error as Error).name === "ResourceNotFoundException") return;
        if ((error as Error).name !== "VersionConflictException") throw error;
        await pause(attempt);
      }
    }
    throw new Error(`${thingName}: the thing was changed by others at each of ${attempts} attempts`);
  }

  return { shadowOf, install, label };
}

/** Longer with each attempt, and never the same for two. */
const pause = (attempt: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50 * 2 ** attempt, 1000)));
