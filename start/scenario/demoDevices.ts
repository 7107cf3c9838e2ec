import { mkdirSync } from "node:fs";
import { IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { Device, type JsonObject, logTopic, telemetryTopic, UpdateAgent } from "../../devices";
import { buildOf } from "../../functions/firmware/builds";
import { awsConfig } from "../../sandbox/aws";
import type { Session } from "../../sandbox/session";
import type { Timeline } from "../timeline";

/** A cooler of the demonstration: connected over mTLS, its doings in the timeline. */
export class DemoDevice {
  private agent: UpdateAgent | undefined;

  private constructor(
    private readonly device: Device,
    private readonly timeline: Timeline,
  ) {}

  static async join(session: Session, thingName: string, timeline: Timeline): Promise<DemoDevice> {
    const credentials = session.devices.find((device) => device.thingName === thingName);
    if (!credentials) throw new Error(`the stack declares no device ${thingName}`);
    const device = await Device.connect({ ...credentials, ...session.cloud.mqtt });
    timeline.say("device", thingName, "connected over mTLS");
    device.on("disconnected", (error) => timeline.say("device", thingName, `disconnected: ${error.message}`));
    const joined = new DemoDevice(device, timeline);
    await joined.followWishes();
    return joined;
  }

  get thingName(): string {
    return this.device.thingName;
  }

  /** Takes updates from now on. @param version what it was made with */
  async keepUpToDate(app: string, version: string, folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    this.agent = new UpdateAgent(this.device, {
      folder,
      apps: { [app]: { factory: { version, build: buildOf(version) } } },
    });
    this.agent.on("step", (step, update) => {
      if (step === "downloading")
        this.timeline.say("device", this.thingName, `downloads ${update.app} ${update.version}`);
    });
    this.agent.on("finished", ({ app, version, status, reason }) => {
      this.timeline.say(
        "device",
        this.thingName,
        `tells of ${app} ${version}: ${status}${reason ? `, ${reason}` : ""}`,
      );
    });
    await this.agent.start();
  }

  /** Nothing of `overheated`: rules have no order, so that a "false" could overtake the "true" of the next moment. */
  reportAllIsWell(): Promise<void> {
    return this.report({ temperature: 4, setpoint: 4 });
  }

  async fail(): Promise<void> {
    await this.device.publish(logTopic(this.device.thingName), { level: "error", message: "compressor stopped" });
    await this.report({ overheated: true, temperature: 19 });
  }

  recover(): Promise<void> {
    return this.report({ overheated: false, temperature: 5 });
  }

  /** Sends telemetry: what is for analysis, and no part of the shadow. */
  measure(reading: JsonObject | string): Promise<void> {
    return this.device.publish(telemetryTopic(this.device.thingName), reading);
  }

  async leave(): Promise<void> {
    await this.agent?.stop();
    this.device.removeAllListeners("disconnected");
    return this.device.close();
  }

  private async report(patch: JsonObject): Promise<void> {
    const version = await this.device.report(patch);
    this.timeline.say("device", this.device.thingName, `reports ${JSON.stringify(patch)}  (shadow version ${version})`);
  }

  /** What an app wishes arrives as a delta; the device acts, and what it did is reported. */
  private followWishes(): Promise<void> {
    return this.device.onDelta((delta) => {
      this.timeline.say("device", this.device.thingName, `hears ${JSON.stringify(delta)}, and does it`);
      return delta;
    });
  }
}

/** What an app does: it sets what is desired of a thing, over HTTPS. */
export async function wish(
  session: Session,
  thingName: string,
  desired: JsonObject,
  timeline: Timeline,
): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ state: { desired } }));
  timeline.say("app", thingName, `desires ${JSON.stringify(desired)}`);
  await new IoTDataPlaneClient(awsConfig(session.cloud)).send(new UpdateThingShadowCommand({ thingName, payload }));
}
