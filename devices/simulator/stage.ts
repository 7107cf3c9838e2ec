import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetStatisticsCommand,
  IoTClient,
  paginateListAttachedPolicies,
  paginateListThingPrincipals,
  SearchIndexCommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { DeleteThingShadowCommand, IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import pLimit from "p-limit";
import { RefusedError } from "../../common/commandLine";
import { waitFor } from "../../common/waitFor";
import { appsShadow } from "../../functions/firmware/releases";

export interface StageOptions {
  /** Configuration of any AWS client. */
  readonly aws: { readonly region: string };
  /** What the stack lets its devices do. */
  readonly policyName: string;
  /** Seconds after which a thing that is not connected is left over. @default 120 */
  readonly startLimit?: number;
  /** Seconds that the fleet index may take to hear that a device is gone. @default 30 */
  readonly indexLag?: number;
}

/** Every simulated thing has this attribute: whatever has it is ours to remove. */
const mark = "simulated";
const markQuery = `attributes.${mark}:true`;

/** A thing of any simulation. */
interface Found {
  readonly thingName: string;
  /** Milliseconds since 1970. */
  readonly made: number;
}

/** Calls at a time; AWS takes ten to fifteen a second of most, and the SDK waits where it is too much. */
const callsAtATime = 10;

/** The things of a simulation, which come before it and go with it, all with one certificate. */
export class Stage {
  private readonly iot: IoTClient;
  private readonly data: IoTDataPlaneClient;
  private readonly limit = pLimit(callsAtATime);
  /** Tells the things of this run from others: the index may know those that are gone for a while. */
  private readonly run = randomUUID();
  private readonly thingNames: string[] = [];
  /** ARNs of certificates that are to go. */
  private readonly certificates = new Set<string>();
  certificatePem = "";
  keyPem = "";

  constructor(private readonly options: StageOptions) {
    const config = { ...options.aws, maxAttempts: 10 };
    this.iot = new IoTClient(config);
    this.data = new IoTDataPlaneClient(config);
  }

  /**
   * Removes what a simulation has left that could not clean up: its things would never take a release, so none would end.
   * Waits while things are new: theirs may be a simulation that is about to connect.
   * @returns how many things there were
   * @throws RefusedError when another simulation runs
   */
  async clearAway(): Promise<number> {
    const { startLimit = 120, indexLag = 30 } = this.options;
    const isNew = ({ made }: Found) => Date.now() - made < startLimit * 1000;
    // A simulation makes its things one after the other, so while it does some are new; then it connects.
    await this.untilNone(
      async () => ((await this.connected()).length > 0 ? [] : (await this.existing(markQuery)).filter(isNew)),
      startLimit + indexLag,
      "things are being made",
    );
    await this.untilNone(() => this.connected(), indexLag, "devices are connected");
    const left = (await this.existing(markQuery)).map(({ thingName }) => thingName);
    const problems = await this.remove(left);
    if (problems.length > 0) throw new Error(`an earlier simulation could not be cleared away: ${problems.join("; ")}`);
    return left.length;
  }

  /** Makes things with a certificate. */
  async setUp(thingNames: readonly string[]): Promise<void> {
    const { iot } = this;
    // One for all of them: each still connects as its own thing, and a thousand key pairs would be a minute's wait.
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const principal = made.certificateArn as string;
    this.certificates.add(principal);
    this.certificatePem = made.certificatePem as string;
    this.keyPem = made.keyPair?.PrivateKey as string;
    await iot.send(new AttachPolicyCommand({ policyName: this.options.policyName, target: principal }));
    await this.each(thingNames, async (thingName) => {
      this.thingNames.push(thingName);
      const attributes = { [mark]: "true", run: this.run, made: new Date().toISOString() };
      await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes } }));
      await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
    });
  }

  /** How many of its things match a fleet query. */
  async count(query: string): Promise<number> {
    const queryString = `attributes.run:${this.run} AND ${query}`;
    return (await this.iot.send(new GetStatisticsCommand({ queryString }))).statistics?.count ?? 0;
  }

  /** Removes all that was made. @returns what could not be, in words */
  async tearDown(): Promise<readonly string[]> {
    return this.remove(this.thingNames.splice(0));
  }

  /** @throws RefusedError when there are still some after so many seconds */
  private async untilNone(look: () => Promise<Found[]>, seconds: number, what: string): Promise<void> {
    let found: Found[] = [];
    const isNone = async () => {
      found = await look();
      return found.length === 0;
    };
    await waitFor("another simulation to be gone", isNone, { seconds, everyMs: 1000 }).catch((error) => {
      if (found.length === 0) throw error;
      throw new RefusedError(
        `another simulation runs on this stack: ${found.length} of its ${what}, such as ${found[0]?.thingName}. ` +
          "Wait for its end; two would take each other's releases",
      );
    });
  }

  private connected(): Promise<Found[]> {
    return this.existing(`${markQuery} AND connectivity.connected:true`);
  }

  /** Things that match a fleet query, and are still there. */
  private async existing(queryString: string): Promise<Found[]> {
    const { iot } = this;
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await iot.send(new SearchIndexCommand({ queryString, nextToken }));
      found.push(...(page.things ?? []).map(({ thingName }) => thingName as string));
      nextToken = page.nextToken;
    } while (nextToken);
    const existing: Found[] = [];
    await this.each(found, async (thingName) => {
      const thing = await iot.send(new DescribeThingCommand({ thingName })).catch((error: Error) => {
        if (error.name !== "ResourceNotFoundException") throw error;
      });
      if (thing) existing.push({ thingName, made: Date.parse(thing.attributes?.made ?? "") || 0 });
    });
    return existing;
  }

  private async remove(thingNames: readonly string[]): Promise<readonly string[]> {
    const problems: string[] = [];
    const attempt = (work: Promise<unknown>) =>
      work.catch((error: Error) => {
        if (error.name !== "ResourceNotFoundException") problems.push(`${error.name}: ${error.message}`);
      });
    await this.each(thingNames, (thingName) => attempt(this.removeThing(thingName)));
    for (const arn of this.certificates) {
      await attempt(this.removeCertificate(arn));
      this.certificates.delete(arn);
    }
    return problems;
  }

  private async removeThing(thingName: string): Promise<void> {
    const { iot, data } = this;
    for await (const { principals = [] } of paginateListThingPrincipals({ client: iot }, { thingName })) {
      for (const principal of principals) {
        this.certificates.add(principal);
        await iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
      }
    }
    await onceDetached(() => iot.send(new DeleteThingCommand({ thingName })));
    // A shadow outlives its thing, and the next of this name would have run what this one did.
    for (const shadowName of [undefined, appsShadow]) {
      await data.send(new DeleteThingShadowCommand({ thingName, shadowName })).catch((error: Error) => {
        if (error.name !== "ResourceNotFoundException") throw error;
      });
    }
  }

  private async removeCertificate(target: string): Promise<void> {
    const { iot } = this;
    for await (const { policies = [] } of paginateListAttachedPolicies({ client: iot }, { target })) {
      for (const { policyName } of policies) await iot.send(new DetachPolicyCommand({ policyName, target }));
    }
    const certificateId = target.slice(target.lastIndexOf("/") + 1);
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
    await onceDetached(() => iot.send(new DeleteCertificateCommand({ certificateId })));
  }

  /** All of them are through with it before it fails: what goes on in the background can't be cleaned up after. */
  private async each(thingNames: readonly string[], work: (thingName: string) => Promise<unknown>): Promise<void> {
    const ends = await Promise.allSettled(thingNames.map((thingName) => this.limit(() => work(thingName))));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }
}

/** What was detached is so after some seconds; until then AWS refuses to delete it. */
async function onceDetached(remove: () => Promise<unknown>): Promise<void> {
  const isStillAttached = ({ name }: Error) => name === "InvalidRequestException" || name === "DeleteConflictException";
  for (let attempt = 1; ; attempt++) {
    try {
      await remove();
      return;
    } catch (error) {
      if (!isStillAttached(error as Error) || attempt === 20) throw error;
      await pause(1000);
    }
  }
}
