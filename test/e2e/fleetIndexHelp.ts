import * as iotApi from "@aws-sdk/client-iot";
import { DeleteThingShadowCommand, IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { waitFor } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import type { LocalCloud } from "../../sandbox/localCloud";
import { markPassedOn } from "../../sandbox/passOn";

/** Seconds; long enough for a test to see that nothing has happened yet. */
export const LAG = 0.8;

/** An account's things and groups, as somebody with the AWS SDK has them. */
export class FleetAccount {
  readonly iot: iotApi.IoTClient;
  private readonly data: IoTDataPlaneClient;

  constructor(cloud: LocalCloud, accountId = cloud.accountId) {
    this.iot = new iotApi.IoTClient(awsConfig(cloud, accountId));
    this.data = new IoTDataPlaneClient(awsConfig(cloud, accountId));
  }

  /** One whose calls reach MiniStack past all fills. */
  static behind(cloud: LocalCloud): FleetAccount {
    const account = new FleetAccount(cloud);
    markPassedOn(account.iot);
    return account;
  }

  /** Indexes everything, and waits until the index is there. */
  async index(): Promise<void> {
    await this.iot.send(
      new iotApi.UpdateIndexingConfigurationCommand({
        thingIndexingConfiguration: {
          thingIndexingMode: "REGISTRY_AND_SHADOW",
          thingConnectivityIndexingMode: "STATUS",
          namedShadowIndexingMode: "ON",
          filter: { namedShadowNames: ["apps"] },
          customFields: [{ name: "attributes.floor", type: "Number" }],
        },
      }),
    );
    const describe = new iotApi.DescribeIndexCommand({ indexName: "AWS_Things" });
    await waitFor("the index", async () => (await this.iot.send(describe)).indexStatus === "ACTIVE");
  }

  async createThing(thingName: string, attributes: Record<string, string> = {}): Promise<void> {
    await this.iot.send(new iotApi.CreateThingCommand({ thingName, attributePayload: { attributes } }));
  }

  async setAttributes(thingName: string, attributes: Record<string, string>): Promise<void> {
    await this.iot.send(new iotApi.UpdateThingCommand({ thingName, attributePayload: { attributes, merge: true } }));
  }

  async updateShadow(thingName: string, shadowName: string, state: object): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ state }));
    await this.data.send(new UpdateThingShadowCommand({ thingName, shadowName, payload }));
  }

  async deleteShadow(thingName: string): Promise<void> {
    await this.data.send(new DeleteThingShadowCommand({ thingName }));
  }

  /** @returns its ARN, when all things have been looked at */
  async createGroup(thingGroupName: string, queryString: string): Promise<string> {
    const created = await this.iot.send(new iotApi.CreateDynamicThingGroupCommand({ thingGroupName, queryString }));
    await this.groupActive(thingGroupName);
    return created.thingGroupArn as string;
  }

  async groupActive(thingGroupName: string): Promise<void> {
    const describe = new iotApi.DescribeThingGroupCommand({ thingGroupName });
    await waitFor(`group ${thingGroupName}`, async () => (await this.iot.send(describe)).status === "ACTIVE");
  }

  async members(thingGroupName: string): Promise<string[]> {
    const { things = [] } = await this.iot.send(new iotApi.ListThingsInThingGroupCommand({ thingGroupName }));
    return things.sort();
  }

  /** Waits until exactly these things are members. */
  async membersBecome(thingGroupName: string, ...expected: string[]): Promise<void> {
    let last: string[] = [];
    await waitFor(
      `${expected} in ${thingGroupName}`,
      async () => {
        last = await this.members(thingGroupName);
        return String(last) === String(expected);
      },
      { lastSeen: () => last },
    );
  }

  async search(queryString: string): Promise<string[]> {
    const { things = [] } = await this.iot.send(new iotApi.SearchIndexCommand({ queryString }));
    return things.map(({ thingName }) => thingName as string);
  }

  async createJob(jobId: string, target: string, targetSelection: iotApi.TargetSelection): Promise<void> {
    const document = JSON.stringify({ do: jobId });
    await this.iot.send(new iotApi.CreateJobCommand({ jobId, targets: [target], document, targetSelection }));
  }

  async thingsOfJob(jobId: string): Promise<string[]> {
    const listed = await this.iot.send(new iotApi.ListJobExecutionsForJobCommand({ jobId }));
    return (listed.executionSummaries ?? []).map(({ thingArn }) => thingArn!.split("/")[1]!).sort();
  }
}
