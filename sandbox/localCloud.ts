import { writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Fill } from "./fill";
import { openFrontDoor } from "./frontDoor";
import { createRunFolder } from "./ministack/folders";
import { startMiniStack } from "./ministack/ministack";

/** A running local cloud: MiniStack behind the front door. */
export interface LocalCloud {
  /** The front door, `http://127.0.0.1:<port>`: the endpoint of every AWS service. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The MQTT broker for devices: TLS, with a client certificate. `caPath` is the CA of its certificate, in PEM. */
  readonly mqtt: { readonly host: string; readonly port: number; readonly caPath: string };
  addFill(fill: Fill): void;
  /** Settles only if MiniStack dies by itself; the reason has its last log lines. */
  readonly exited: Promise<{ reason: string }>;
  /** Ends MiniStack and all it started, and removes the run's folder. Safe to call twice. */
  stop(): Promise<void>;
}

export interface LocalCloudOptions {
  /** Port of the front door. Default: any free one. */
  readonly port?: number;
  /** Port of the MQTT broker. Default: any free one. */
  readonly mqttPort?: number;
  /** Twelve digits. Default: 000000000000. */
  readonly accountId?: string;
  /** Default: us-east-1. */
  readonly region?: string;
  /** Seconds before the first retry of an asynchronous invocation. Default: 1; AWS waits about 60. */
  readonly asyncRetryBaseSeconds?: number;
  /** Gets one line per step: what is installed, what is started. */
  readonly progress?: (text: string) => void;
}

/**
 * Starts the local cloud, on its first start after installing MiniStack.
 * It lives no longer than this process, however that ends.
 * @throws LocalCloudError if it cannot; nothing is left running then
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const { accountId = "000000000000", region = "us-east-1", progress = () => {} } = options;
  const run = createRunFolder();
  const undo: (() => unknown)[] = [() => run.remove()];
  const stop = once(async () => {
    for (const step of undo.reverse()) {
      await step();
    }
  });
  try {
    const door = await openFrontDoor(options.port ?? 0, progress);
    undo.push(() => door.close());
    const ministack = await startMiniStack({
      run,
      endpoint: door.endpoint,
      accountId,
      region,
      mqttPort: options.mqttPort ?? 0,
      asyncRetryBaseSeconds: options.asyncRetryBaseSeconds ?? 1,
      progress,
    });
    undo.push(() => ministack.stop());
    door.setUpstream(ministack.url);
    const caPath = path.join(run.path, "broker-ca.pem");
    writeFileSync(caPath, await (await fetch(`${ministack.url}/_ministack/iot/ca.pem`)).text());
    return {
      endpoint: door.endpoint,
      region,
      accountId,
      mqtt: { host: "127.0.0.1", port: ministack.mqttPort, caPath },
      addFill: (fill) => door.addFill(fill),
      exited: ministack.exited,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
