import { type LocalCloud, startLocalCloud } from "../../sandbox/localCloud";
import type { RulesEngine } from "../../sandbox/rules";
import { Account, Device } from "./rulesHelp";

/** A local cloud with its rules engines, and one device. */
export class RulesLab {
  /** What the local cloud told of its doings. */
  readonly said: string[] = [];
  readonly engines: RulesEngine[] = [];
  cloud!: LocalCloud;
  account!: Account;
  device!: Device;

  static async open(): Promise<RulesLab> {
    const lab = new RulesLab();
    lab.cloud = await startLocalCloud({
      progress: (line) => lab.said.push(line),
      onRulesEngine: (engine) => lab.engines.push(engine),
    });
    lab.account = new Account(lab.cloud);
    lab.device = await Device.connect(lab.cloud, lab.account, "thing1");
    return lab;
  }

  /** Resolves when no action of any rule runs. */
  async settled(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.settled()));
  }

  async close(): Promise<void> {
    await this.device?.stop();
    await this.cloud.stop();
  }
}
