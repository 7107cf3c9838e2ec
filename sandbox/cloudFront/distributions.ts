import { CloudFrontClient, type DistributionSummary, paginateListDistributions } from "@aws-sdk/client-cloudfront";
import { type AwsTarget, awsConfig } from "../aws";

/** What the edge has to know of a distribution; the rest MiniStack does. */
export interface EdgeDistribution {
  /** `d111111abcdef8` of `d111111abcdef8.cloudfront.net`. */
  readonly label: string;
  /** Whether what lies at a path is compressed on its way to the browser. */
  compresses(path: string): boolean;
}

/** How long, in milliseconds, the edge goes by what it has seen. */
const FRESH_MS = 1000;

/** AWS's managed policy CachingDisabled; what CloudFront does not keep, it does not compress. */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/** The distributions of an account. */
export class Distributions {
  private readonly client: CloudFrontClient;
  private known: Promise<readonly EdgeDistribution[]> = Promise.resolve([]);
  private asked = Number.NEGATIVE_INFINITY;

  constructor(cloud: AwsTarget) {
    this.client = new CloudFrontClient(awsConfig(cloud));
  }

  /** The distribution that a host names, or the first one for any other host, e.g. 127.0.0.1. */
  async find(host: string): Promise<EdgeDistribution | undefined> {
    if (performance.now() - this.asked > FRESH_MS) {
      this.asked = performance.now();
      this.known = this.list();
    }
    const all = await this.known;
    return all.find(({ label }) => host.startsWith(`${label}.`)) ?? all[0];
  }

  close(): void {
    this.client.destroy();
  }

  private async list(): Promise<EdgeDistribution[]> {
    const found: EdgeDistribution[] = [];
    for await (const { DistributionList } of paginateListDistributions({ client: this.client }, {})) {
      for (const summary of DistributionList?.Items ?? []) found.push(describe(summary));
    }
    return found;
  }
}

function describe({ DomainName = "", CacheBehaviors, DefaultCacheBehavior }: DistributionSummary): EdgeDistribution {
  const behaviors = (CacheBehaviors?.Items ?? []).map(({ PathPattern = "", ...behavior }) => ({
    pattern: new RegExp(
      `^${PathPattern.replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
    ),
    behavior,
  }));
  return {
    label: DomainName.split(".")[0] ?? "",
    compresses(path) {
      const behavior = behaviors.find(({ pattern }) => pattern.test(path))?.behavior ?? DefaultCacheBehavior;
      return behavior?.Compress === true && behavior.CachePolicyId !== CACHING_DISABLED;
    },
  };
}
