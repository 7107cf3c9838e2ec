import { IoTClient, type UpdateThingCommand } from "@aws-sdk/client-iot";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { expect } from "chai";
import { versionRecorder } from "../../../functions/firmware/recordVersion";

const refusal = Object.assign(new Error("another version"), { name: "VersionConflictException" });

/** One thing with its shadow `apps`, as AWS IoT keeps it, in place of the clients' calls. */
class Registry {
  version = 1;
  attributes: Record<string, string> = {};
  installed = { version: "1.0", build: 1_000_000 };
  /** What others do between a look and the write that follows it, once each. */
  readonly meanwhile: (() => unknown)[] = [];
  writes = 0;

  async send({ constructor: { name: command }, input }: UpdateThingCommand): Promise<unknown> {
    if (command === "DescribeThingCommand") return { version: this.version, attributes: { ...this.attributes } };
    if (command === "GetThingShadowCommand") {
      const document = { version: 1, state: { reported: { cooler: this.installed } } };
      return { payload: Buffer.from(JSON.stringify(document)) };
    }
    expect(command).to.equal("UpdateThingCommand");
    await this.meanwhile.shift()?.();
    if (input.expectedVersion !== this.version) throw refusal;
    this.writes += 1;
    this.version += 1;
    Object.assign(this.attributes, input.attributePayload?.attributes);
    return {};
  }
}

describe("the attributes of a thing's version", () => {
  const originals = [IoTClient.prototype.send, IoTDataPlaneClient.prototype.send];
  let thing: Registry;
  let label: () => Promise<void>;
  beforeEach(() => {
    process.env.FIRST_APP = "cooler";
    thing = new Registry();
    const send = (command: unknown) => thing.send(command as UpdateThingCommand);
    IoTClient.prototype.send = send as never;
    IoTDataPlaneClient.prototype.send = send as never;
    label = () => versionRecorder().label("ten");
  });
  after(() => {
    [IoTClient.prototype.send, IoTDataPlaneClient.prototype.send] = originals as [never, never];
    delete process.env.FIRST_APP;
  });

  const v2 = { version: "2.0", build: 2_000_000 };
  const labelled = ({ version, build }: typeof v2) => ({ app_version: version, app_build: String(build) });

  it("are written once, and not when they are in line", async () => {
    await label();
    await label();
    expect(thing).to.deep.include({ writes: 1, attributes: labelled(thing.installed) });
  });

  it("follow the shadow that changed before the write, with nobody else to write them", async () => {
    thing.meanwhile.push(() => {
      thing.installed = v2;
    });
    await label();
    expect(thing.attributes).to.deep.equal(labelled(v2));
  });

  it("follow the shadow when another found them in line before the write", async () => {
    thing.attributes = labelled(v2);
    thing.meanwhile.push(async () => {
      thing.installed = v2;
      await label();
      expect(thing.writes, "the other had nothing to do").to.equal(0);
    });
    await label();
    expect(thing.attributes).to.deep.equal(labelled(v2));
  });

  it("are of the last who wrote the shadow, when two write them at once", async () => {
    thing.meanwhile.push(() => {
      thing.installed = v2;
      return label();
    });
    await label();
    expect(thing).to.deep.include({ writes: 1, attributes: labelled(v2) });
  });

  it("are given up, with an error, when others change the thing at each attempt", async () => {
    const other = () => {
      thing.version += 1;
    };
    thing.meanwhile.push(...Array.from({ length: 20 }, () => other));
    const error = await label().catch((error: Error) => error);
    expect(String(error)).to.match(/changed by others at each of 10 attempts/);
  });
});
