import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type App,
  Device,
  type DeviceOptions,
  httpTransport,
  realDisk,
  type Transport,
  UpdateAgent,
  type UpdateResult,
} from "..";
import { between, type Group, type Random } from "./faults";
import { breaking, damaged, losingPower, slowed } from "./seams";

export interface SimulatedDeviceOptions {
  readonly connect: DeviceOptions;
  readonly folder: string;
  readonly app: string;
  readonly factory: NonNullable<App["factory"]>;
  /** Bytes of the image that is to come. */
  readonly imageSize: number;
  readonly group: Group;
  readonly random: Random;
}

/** Times that an `offline` device goes away, and that a `crash` device loses power. */
const times = 3;

/** Quicker than real devices, whose time is not a person's who waits. */
const retry = { base: 200, maximum: 5000 };

/** A device of a simulated fleet: the real agent, with a fault of its group around it. */
export class SimulatedDevice {
  /** How the update ended, as the device told the cloud. */
  result: UpdateResult | undefined;
  /** Milliseconds on the process's clock of the first byte asked for; undefined until then. */
  firstDownload: number | undefined;
  state = "waiting";
  /** Times that it lost its connection or its power. */
  losses = 0;
  readonly problems: string[] = [];
  private device: Device | undefined;
  private agent: UpdateAgent | undefined;
  private powerLossesLeft: number;
  private readonly transport: Transport;
  private closed = false;
  /** Settles when the agent that runs now loses power, and so never stops. */
  private powerLoss: Promise<void> = Promise.resolve();
  /** Settles when nothing restarts any more. */
  private restarting: Promise<void> = Promise.resolve();

  constructor(private readonly options: SimulatedDeviceOptions) {
    this.powerLossesLeft = options.group === "crash" ? times : 0;
    this.transport = this.noting(this.transportOf(options.group));
  }

  get group(): Group {
    return this.options.group;
  }

  get thingName(): string {
    return this.options.connect.thingName;
  }

  async start(): Promise<void> {
    const { connect, folder, app, factory, random, group, imageSize } = this.options;
    const device = await Device.connect({ reconnect: retry, ...connect });
    this.device = device;
    let lostPower = () => {};
    this.powerLoss = new Promise((resolve) => {
      lostPower = () => {
        resolve();
        this.restarting = this.restart();
      };
    });
    const agent = new UpdateAgent(device, {
      folder,
      apps: {
        [app]: {
          factory,
          ...(group === "reject" ? { maximumBytes: imageSize - 1 } : {}),
          ...(group === "fail" ? { selfTest: failSelfTest } : {}),
        },
      },
      retry,
      random,
      transport: this.transport,
      // An update takes some 25 changes of the disk.
      disk: this.powerLossesLeft > 0 ? losingPower(realDisk, 20, random, lostPower) : realDisk,
    });
    agent.on("step", (step) => {
      this.state = this.result?.status ?? step;
    });
    agent.on("finished", (result) => {
      this.result = result;
      this.state = result.status;
    });
    agent.on("problem", ({ message }) => this.problems.push(message));
    this.agent = agent;
    // Its start may not come to an end: power goes while folders are made.
    void agent.start().catch((error) => this.problems.push(String(error)));
  }

  /** The hash of what the device would run, read from its disk; undefined for what it was made with. */
  async installed(): Promise<string | undefined> {
    const image = path.join(this.options.folder, this.options.app, "current", "image");
    try {
      return createHash("sha256")
        .update(await readFile(image))
        .digest("hex");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    try {
      await this.restarting;
      await Promise.race([this.agent?.stop(), this.powerLoss]);
    } finally {
      await this.device?.close();
    }
  }

  private async restart(): Promise<void> {
    this.losses++;
    this.powerLossesLeft--;
    this.state = "without power";
    // The agent is left where it is: whatever it waits for never comes.
    this.agent = undefined;
    await this.device?.close();
    await pause(between(this.options.random, 50, 1000));
    if (this.closed) return;
    await this.start().catch((error) => this.problems.push(String(error)));
  }

  private transportOf(group: Group): Transport {
    const { random } = this.options;
    if (group === "corrupt") return damaged(httpTransport, random);
    if (group === "slow") return slowed(httpTransport, between(random, 2, 6));
    if (group === "offline") return breaking(httpTransport, times, random, () => this.goOffline());
    return httpTransport;
  }

  private async goOffline(): Promise<void> {
    this.losses++;
    this.state = "offline";
    this.device?.suspend();
    await pause(between(this.options.random, 200, 2000));
    this.device?.resume();
  }

  private noting(transport: Transport): Transport {
    return (...request) => {
      this.firstDownload ??= performance.now();
      return transport(...request);
    };
  }
}

function failSelfTest(): void {
  throw new Error("the simulated self-test does not pass");
}
