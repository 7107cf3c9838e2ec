import { Device, type DeviceOptions } from "../../devices";
import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import { type Registered, register, Wire } from "./devicesHelp";

/** Quick to come back, so that the tests are. */
export const reconnect = { base: 50, maximum: 500 };

/** A local cloud with a device, and somebody who may hear and say everything. Ready while the tests of a `describe` run. */
export class Lab {
  cloud!: LocalCloud;
  lamp!: Registered;
  witness!: Device;
  private readonly devices: Device[] = [];
  private readonly wires: Wire[] = [];

  /** Call it in a `describe`. Against a stack in an account it skips: cut wires and revoked certificates are not for that. */
  static inThisSuite(): Lab {
    const lab = new Lab();
    before(async function () {
      if (process.env.THINGSTACK_E2E_STACK) this.skip();
      lab.cloud = await startLocalCloud();
      lab.lamp = await register(lab.cloud, "lamp");
      const everything = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];
      const all = await register(lab.cloud, "witness", { Version: "2012-10-17", Statement: everything });
      lab.witness = await Device.connect({ ...all, ...lab.cloud.mqtt });
    });
    afterEach(async () => {
      await Promise.all(lab.devices.splice(0).map((device) => device.close()));
      await Promise.all(lab.wires.splice(0).map((wire) => wire.close()));
    });
    after(async () => {
      await lab.witness?.close();
      await lab.cloud?.stop();
    });
    return lab;
  }

  /** Connects a device, until the end of the test. */
  async join(who: Registered = this.lamp, options: Partial<DeviceOptions> = {}): Promise<Device> {
    const device = await Device.connect({ ...who, ...this.cloud.mqtt, reconnect, ...options });
    this.devices.push(device);
    return device;
  }

  /** A wire to the broker, until the end of the test. */
  async wireTo(port = this.cloud.mqtt.port, host?: string): Promise<Wire> {
    const wire = await Wire.to(port, host);
    this.wires.push(wire);
    return wire;
  }

  /** Everything that is published to a topic filter from now on. */
  async hear(filter: string): Promise<string[]> {
    const heard: string[] = [];
    await this.witness.subscribe(filter, (payload) => heard.push(payload.toString()));
    return heard;
  }
}
