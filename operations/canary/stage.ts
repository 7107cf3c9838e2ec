import {
  APIGatewayClient,
  GetStageCommand,
  type PatchOperation,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import type { ApiOutputs } from "../../common/stackOutputs";

/** How a stage's requests are divided. */
export interface Canary {
  /** The deployment that all other requests go to. */
  readonly deploymentId: string;
  readonly canaryDeploymentId: string;
  /** Percent of the requests that go to the canary; 0 when it was promoted or aborted. */
  readonly percent: number;
  readonly hasVariables: boolean;
}

/** A canary that can't be promoted or aborted as things are. */
export class NoCanaryError extends Error {}

/** The canary of a stack's API: what it is, and its two ends. The stage itself goes on answering all the while. */
export class StageCanary {
  private readonly client: APIGatewayClient;

  constructor(
    aws: { readonly region: string },
    private readonly api: Pick<ApiOutputs, "restApiId" | "stageName">,
  ) {
    this.client = new APIGatewayClient(aws);
  }

  /** @returns undefined when the stage has none: `canary` of the DeviceApi is not set */
  async read(): Promise<Canary | undefined> {
    const { restApiId, stageName } = this.api;
    const stage = await this.client.send(new GetStageCommand({ restApiId, stageName }));
    const { deploymentId, percentTraffic = 0, stageVariableOverrides = {} } = stage.canarySettings ?? {};
    if (deploymentId === undefined) return undefined;
    return {
      deploymentId: stage.deploymentId ?? "",
      canaryDeploymentId: deploymentId,
      percent: percentTraffic,
      hasVariables: Object.keys(stageVariableOverrides).length > 0,
    };
  }

  /** Gives all requests to the canary's deployment, with its variables. @throws NoCanaryError */
  async promote(): Promise<Canary> {
    const canary = await this.open();
    await this.patch(
      { op: "replace", path: "/canarySettings/percentTraffic", value: "0.0" },
      ...(canary.hasVariables
        ? [{ op: "copy" as const, from: "/canarySettings/stageVariableOverrides", path: "/variables" }]
        : []),
      { op: "copy", from: "/canarySettings/deploymentId", path: "/deploymentId" },
    );
    return canary;
  }

  /** Gives all requests to the deployment before. @throws NoCanaryError */
  async abort(): Promise<Canary> {
    const canary = await this.open();
    await this.patch({ op: "replace", path: "/canarySettings/percentTraffic", value: "0.0" });
    return canary;
  }

  private async open(): Promise<Canary> {
    const canary = await this.read();
    if (!canary || canary.percent === 0) {
      const why = canary
        ? "gets no requests: it was promoted or aborted"
        : "is not set up: see thingstack:apiCanaryPercent";
      throw new NoCanaryError(`the canary of the stage "${this.api.stageName}" ${why}`);
    }
    return canary;
  }

  private async patch(...patchOperations: PatchOperation[]): Promise<void> {
    const { restApiId, stageName } = this.api;
    await this.client.send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
  }
}
