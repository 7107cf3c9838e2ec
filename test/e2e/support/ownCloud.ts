import type { Place } from "../../../operations/place";
import { type AwsConfig, awsConfig } from "../../../sandbox/aws";
import { deploy } from "../../../sandbox/deploy/inProcess";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../../sandbox/localCloud";

/** A local cloud of a test's own, with a program of its own on it: for what breaks things. */
export interface OwnCloud<Outputs> {
  readonly cloud: LocalCloud;
  readonly aws: AwsConfig;
  readonly outputs: Outputs;
  /** As the commands of `operations/` find it while `npm start` runs. */
  readonly place: Place;
  close(): Promise<void>;
}

/** @param program returns its outputs; what Pulumi wraps into outputs comes out as values */
export async function openOwnCloud<Outputs extends object>(
  program: () => Record<string, unknown>,
  options: LocalCloudOptions = {},
): Promise<OwnCloud<Outputs>> {
  const cloud = await startLocalCloud({ asyncRetryBaseSeconds: 0.1, ...options });
  try {
    const stack = { project: "thingstack", stack: "test", config: { "aws:region": cloud.region } };
    const deployed = await deploy({ program, ...stack, cloud });
    const values = Object.fromEntries(Object.entries(deployed.outputs).map(([name, { value }]) => [name, value]));
    const aws = awsConfig(cloud);
    const place = { stack: "local", aws, outputs: values, local: {} as Place["local"] };
    return { cloud, aws, outputs: values as Outputs, place, close: () => cloud.stop() };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}
