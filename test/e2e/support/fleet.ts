import { Device } from "../../../devices";
import type { Target } from "./target";

/** The devices that the stack declares, connected when a test first asks for one. */
export class Fleet {
  private readonly connected = new Map<string, Promise<Device>>();

  constructor(private readonly target: Pick<Target, "devices" | "mqtt">) {}

  device(at: number): Promise<Device> {
    const credentials = this.target.devices[at];
    if (!credentials) {
      throw new Error(
        `the tests need ${at + 1} devices; thingstack:devices of the stack names ${this.target.devices.length}`,
      );
    }
    const { thingName } = credentials;
    const device = this.connected.get(thingName) ?? Device.connect({ ...credentials, ...this.target.mqtt });
    this.connected.set(thingName, device);
    return device;
  }

  async close(): Promise<void> {
    for (const device of this.connected.values()) await (await device).close();
  }
}
