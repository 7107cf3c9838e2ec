import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { dataEndpointOf } from "../../../operations/dataEndpoint";
import { awsConfig } from "../../../sandbox/aws";
import { type DeviceCredentials, writeDeviceFiles } from "../../../sandbox/deviceFiles";
import { openSession, type SessionOptions } from "../../../sandbox/session";

/** Where the end-to-end tests run: the local cloud, or a stack in an AWS account. They know nothing else of it. */
export interface Target {
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The configuration of any AWS client. */
  readonly aws: { readonly region: string };
  /** The MQTT endpoint; without a CA path, the system's own certificates know AWS's. */
  readonly mqtt: { readonly host: string; readonly port: number; readonly caPath?: string };
  readonly devices: readonly DeviceCredentials[];
  /** Whether it is the local cloud, where a test may break things. */
  readonly local: boolean;
  close(): Promise<void>;
}

/**
 * The stack that `--stack` names, or the local cloud.
 * @param options of the local cloud only: how much faster than configured reminders come
 */
export function openTarget(options: Pick<SessionOptions, "speed"> = {}): Promise<Target> {
  const stack = process.env.THINGSTACK_E2E_STACK;
  return stack ? accountTarget(stack) : localTarget(options);
}

async function localTarget(options: Pick<SessionOptions, "speed">): Promise<Target> {
  const session = await openSession({ asyncRetryBaseSeconds: 0.2, ...options });
  const { outputs, devices, cloud } = session;
  return {
    outputs,
    aws: awsConfig(cloud),
    mqtt: cloud.mqtt,
    devices,
    local: true,
    close: () => session.stop(),
  };
}

/** Reads what `pulumi up -s <stack>` made; credentials are those of the AWS SDK's default chain. */
async function accountTarget(stack: string): Promise<Target> {
  const pulumi = (...args: string[]) => execFileSync("pulumi", [...args, "--stack", stack], { encoding: "utf8" });
  const outputs = JSON.parse(pulumi("stack", "output", "--json", "--show-secrets"));
  const aws = { region: pulumi("config", "get", "aws:region").trim() };
  const folder = mkdtempSync(path.join(tmpdir(), "thingstack-e2e-"));
  return {
    outputs,
    aws,
    mqtt: { host: await dataEndpointOf({ aws }), port: 8883 },
    devices: writeDeviceFiles(folder, outputs.devices),
    local: false,
    close: async () => rmSync(folder, { recursive: true }),
  };
}
