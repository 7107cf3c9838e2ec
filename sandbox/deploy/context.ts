import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type AwsConfig, type AwsTarget, awsConfig } from "../aws";
import { isNotFound } from "./errors";

/** A client class of the AWS SDK v3. */
type ClientClass<T> = new (
  config: AwsConfig & { useQueueUrlAsEndpoint: boolean; requestHandler: NodeHttpHandler },
) => T;

/** What a resource handler works with: one account and region of the local cloud. */
export interface Context {
  readonly accountId: string;
  readonly region: string;
  /** Of every service: the front door. */
  readonly endpoint: string;
  /** Tags the provider puts on every resource that takes tags. */
  readonly defaultTags: Readonly<Record<string, string>>;
  /** One client per class, made on first use. */
  client<T>(type: ClientClass<T>): T;
  /** `arn:aws:<service>:<region>:<account>:<resource>` */
  arn(service: string, resource: string): string;
  /** The same provider for a resource that names a region of its own; this context when it names none. */
  inRegion(region: unknown): Context;
}

/** The context of one provider: an account of the local cloud, a region, default tags. */
export function makeContext(
  cloud: AwsTarget,
  options: { region?: string; defaultTags?: Readonly<Record<string, string>> } = {},
): Context {
  const clients = new Map<unknown, unknown>();
  const regions = new Map<string, Context>();
  // One pool of connections for all clients; and HTTP/1.1 for all, where the Kinesis client would speak HTTP/2.
  const requestHandler = new NodeHttpHandler();
  const { accountId } = cloud;
  const { region = cloud.region, defaultTags = {} } = options;
  const context: Context = {
    accountId,
    region,
    endpoint: cloud.endpoint,
    defaultTags,
    arn: (service, resource) => `arn:aws:${service}:${region}:${accountId}:${resource}`,
    client<T>(type: ClientClass<T>): T {
      let client = clients.get(type);
      if (client === undefined) {
        // A queue's URL is its name to SQS, not the way to it: every call goes by the front door.
        client = new type({ ...awsConfig({ ...cloud, region }), useQueueUrlAsEndpoint: false, requestHandler });
        clients.set(type, client);
      }
      return client as T;
    },
    inRegion(other) {
      if (typeof other !== "string" || other === region) return context;
      const found = regions.get(other) ?? makeContext(cloud, { region: other, defaultTags });
      regions.set(other, found);
      return found;
    },
  };
  return context;
}

/**
 * A read or a delete; a "no such thing" from AWS becomes undefined, every other error stays one.
 *
 * @param alsoGone further errors that mean the same for this call
 */
export async function orGone<T>(call: Promise<T>, ...alsoGone: string[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error) || alsoGone.includes((error as Error).name)) return undefined;
    throw error;
  }
}
