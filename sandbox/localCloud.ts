import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { alarmsFill } from "./alarms";
import { asynchronousCallsFill } from "./asynchronousCalls";
import { type CloudFrontEdge, openEdge } from "./cloudFront";
import { codeDeployFill } from "./codeDeploy";
import type { Fill } from "./fill";
import { fleetIndexFill } from "./fleetIndex";
import { type FrontDoor, openFrontDoor } from "./frontDoor";
import { LocalCloudError } from "./ministack/errors";
import { createRunFolder } from "./ministack/folders";
import { type MiniStack, startMiniStack } from "./ministack/ministack";
import { once } from "./ministack/once";
import { type RulesFillOptions, rulesFill } from "./rules";
import { streamMappingsFill } from "./streams";

/** A running local cloud: MiniStack behind the front door. */
export interface LocalCloud {
  /** The front door, `http://127.0.0.1:<port>`: the endpoint of every AWS service. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The MQTT broker for devices: TLS, with a client certificate. `caPath` is the CA of its certificate, in PEM. */
  readonly mqtt: { readonly host: string; readonly port: number; readonly caPath: string };
  /** Where a browser finds what CloudFront serves, the console: `http://127.0.0.1:<port>`. */
  readonly cloudFrontUrl: string;
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
  /** Port of what CloudFront serves. Default: any free one. */
  readonly cloudFrontPort?: number;
  /** Twelve digits. Default: 000000000000. */
  readonly accountId?: string;
  /** Default: us-east-1. */
  readonly region?: string;
  /** Seconds before the first retry of an asynchronous invocation. Default: 1; AWS waits about 60. */
  readonly asyncRetryBaseSeconds?: number;
  /** Seconds from a change of a thing until fleet queries and dynamic groups see it. Default: 2; AWS takes about 30. */
  readonly fleetIndexLagSeconds?: number;
  /** Seconds between two looks of the fleet index at everything, for changes that it did not hear of. Default: 60. */
  readonly fleetIndexSweepSeconds?: number;
  /** How much faster than on AWS the minutes of a release pass. Default: 300. */
  readonly releaseSpeed?: number;
  /** Gets one line per step: what is installed, what is started. */
  readonly progress?: (text: string) => void;
  /** Gets the rules engine of each account before its first rule, to listen to what rules do. */
  readonly onRulesEngine?: RulesFillOptions["onEngine"];
}

/**
 * Starts the local cloud, on its first start after installing MiniStack.
 * It lives no longer than this process, however that ends.
 * @throws LocalCloudError if it cannot; nothing is left running then
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const { accountId = "000000000000", region = "us-east-1", progress = () => {} } = options;
  if (!/^\d{12}$/.test(accountId)) {
    throw new LocalCloudError(
      `\`accountId\` is "${accountId}", but an AWS account id is twelve digits, e.g. 000000000000.`,
    );
  }
  const run = createRunFolder();
  let door: FrontDoor | undefined;
  let ministack: MiniStack | undefined;
  let edge: CloudFrontEdge | undefined;
  const stop = once(async () => {
    await edge?.close();
    await door?.close();
    await ministack?.stop();
    run.remove();
  });
  try {
    door = await openFrontDoor(options.port ?? 0, progress);
    ministack = await startMiniStack({
      run,
      endpoint: door.endpoint,
      accountId,
      region,
      mqttPort: options.mqttPort ?? 0,
      asyncRetryBaseSeconds: options.asyncRetryBaseSeconds ?? 1,
      progress,
    });
    door.setUpstream(ministack.url);
    const caPath = path.join(run.path, "broker-ca.pem");
    writeFileSync(caPath, await brokerCa(ministack.url));
    const { endpoint, addFill } = door;
    const mqtt = { ...ministack.mqtt, caPath };
    const retryBaseSeconds = options.asyncRetryBaseSeconds ?? 1;
    addFill(alarmsFill({ endpoint, region, accountId, log: progress }));
    addFill(codeDeployFill({ endpoint, region, accountId, speed: options.releaseSpeed ?? 300, log: progress }));
    addFill(asynchronousCallsFill({ endpoint, region, accountId, retryBaseSeconds, log: progress }));
    addFill(streamMappingsFill({ endpoint, region, accountId, retryBaseSeconds, log: progress }));
    addFill(rulesFill({ endpoint, region, accountId, mqtt, log: progress, onEngine: options.onRulesEngine }));
    const { fleetIndexLagSeconds: lagSeconds, fleetIndexSweepSeconds: sweepSeconds } = options;
    const fleet = { ministackUrl: ministack.url, lagSeconds, sweepSeconds };
    addFill(fleetIndexFill({ endpoint, region, accountId, mqtt, log: progress, ...fleet }));
    edge = await openEdge(options.cloudFrontPort ?? 0, { endpoint, region, accountId });
    return {
      endpoint,
      region,
      accountId,
      mqtt,
      cloudFrontUrl: edge.url,
      addFill,
      exited: ministack.exited,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The certificate that a device has to trust to know the broker. */
async function brokerCa(url: string): Promise<string> {
  const response = await fetch(`${url}/_ministack/iot/ca.pem`);
  if (!response.ok) {
    throw new LocalCloudError(
      `MiniStack does not give its broker's CA: HTTP ${response.status}, ${await response.text()}`,
    );
  }
  return response.text();
}
