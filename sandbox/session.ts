import * as path from "node:path";
import { projectDirectory } from "../common/project";
import type { ApiOutputs } from "../common/stackOutputs";
import { buildConsole } from "../console/build";
import { awsConfig } from "./aws";
import { type DemoUser, makeDemoUsers } from "./demoUser";
import { type DeployedResource, deploy } from "./deploy/inProcess";
import { readStackConfig } from "./deploy/stackConfig";
import { type DeclaredDevice, type DeviceCredentials, writeDeviceFiles } from "./deviceFiles";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "./localCloud";
import { writeState } from "./stateFile";

/** The local cloud with the stack `local` on it. */
export interface Session {
  readonly cloud: LocalCloud;
  /** The stack's outputs, secrets left out. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly devices: readonly DeviceCredentials[];
  /** Whom to sign in as: an admin, and a user who owns the first two devices. */
  readonly users: readonly DemoUser[];
  readonly resources: readonly DeployedResource[];
  /** Seconds between reminders, after speeding up. */
  readonly interval: number;
  readonly count: number;
  readonly seconds: { readonly boot: number; readonly deploy: number };
  /** Ends the local cloud. Safe to call twice. */
  stop(): Promise<void>;
}

export interface SessionOptions
  extends Pick<
    LocalCloudOptions,
    "port" | "mqttPort" | "asyncRetryBaseSeconds" | "fleetIndexLagSeconds" | "onRulesEngine"
  > {
  /**
   * How much faster than configured reminders come: the interval is divided by it, down to whole seconds.
   * @default 300, so that 5 minutes take a second
   */
  readonly speed?: number;
  /** Configuration that overrides `Pulumi.local.yaml`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Gets one line per step. */
  readonly progress?: (text: string) => void;
  readonly onResource?: (resource: DeployedResource) => void;
  /** Called as soon as there is something to stop, so that Ctrl-C can. */
  readonly onCloud?: (cloud: LocalCloud) => void;
}

/** Boots the local cloud and deploys the program to it, with the configuration of `Pulumi.local.yaml`. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const { speed = 300, progress = () => {}, onResource } = options;
  const { project, config: own } = readStackConfig(projectDirectory, "local");
  const configured = { ...own, ...options.config };
  const interval = Math.max(1, Math.round(Number(configured["thingstack:reminderInterval"]) / speed));
  const config: Record<string, string> = { ...configured, "thingstack:reminderInterval": String(interval) };
  const [accountId] = JSON.parse(config["aws:allowedAccountIds"] ?? "[]");

  if (buildConsole()) progress("Built the console");
  const started = performance.now();
  const cloud = await startLocalCloud({
    port: options.port,
    mqttPort: options.mqttPort,
    asyncRetryBaseSeconds: options.asyncRetryBaseSeconds,
    fleetIndexLagSeconds: options.fleetIndexLagSeconds,
    onRulesEngine: options.onRulesEngine,
    releaseSpeed: speed,
    accountId,
    region: config["aws:region"],
    progress,
  });
  options.onCloud?.(cloud);
  try {
    const booted = performance.now();
    const { outputs, resources, state } = await deploy({
      program: path.join(projectDirectory, "stacks", "index.ts"),
      project,
      stack: "local",
      config,
      cloud,
      onEvent: onResource,
    });
    const deployed = performance.now();
    const declared = outputs.devices?.value as DeclaredDevice[];
    const owned = declared.slice(0, 2).map(({ thingName }) => thingName);
    const runFolder = path.dirname(cloud.mqtt.caPath);
    writeState(runFolder, { config, resources: state });
    return {
      cloud,
      outputs: withoutSecrets(outputs),
      devices: writeDeviceFiles(runFolder, declared),
      users: await makeDemoUsers(awsConfig(cloud), outputs.api?.value as ApiOutputs, owned),
      resources,
      interval,
      count: Number(config["thingstack:reminderCount"]),
      seconds: { boot: (booted - started) / 1000, deploy: (deployed - booted) / 1000 },
      stop: () => cloud.stop(),
    };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** The outputs that may be shown. */
export function withoutSecrets(
  outputs: Readonly<Record<string, { value: unknown; secret: boolean }>>,
): Record<string, unknown> {
  const open = Object.entries(outputs).filter(([, { secret }]) => !secret);
  return Object.fromEntries(open.map(([name, { value }]) => [name, value]));
}
