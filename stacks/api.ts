import { ApiLogging, DeviceApi, type OperationsArgs, Ownership, SignIn } from "../components";
import { apiInfo, publishedDocument } from "../components/api/published";
import type { ApiResources } from "../components/api/route";
import { routes } from "../components/api/routes";
import type { StackConfig } from "./config";

/** How people and apps reach the fleet: sign-in, who owns what, and the API. */
export function api(
  config: StackConfig,
  resources: Omit<ApiResources, "ownership">,
  operations: OperationsArgs,
): { readonly component: DeviceApi<ApiResources>; readonly signIn: SignIn; readonly outputs: object } {
  const protectData = config.protect;
  const signIn = new SignIn("people", { protectData });
  const ownership = new Ownership("ownership", { protectData, ...operations });
  const component = new DeviceApi("api", {
    info: apiInfo,
    routes,
    resources: { ...resources, ownership: ownership.table },
    signIn,
    ownership,
    canary: config.apiCanaryPercent > 0 ? { percentTraffic: config.apiCanaryPercent } : undefined,
    logging: new ApiLogging("api-logging"),
    ...operations,
  });
  return {
    component,
    signIn,
    outputs: {
      api: {
        url: component.stage.invokeUrl,
        restApiId: component.restApi.id,
        stageName: component.stage.stageName,
        userPoolId: signIn.userPool.id,
        userPoolClientId: signIn.client.id,
        ownershipTableName: ownership.table.name,
      },
      // As text: `pulumi stack output openApi > openapi.json`.
      openApi: component.stage.invokeUrl.apply((url) => JSON.stringify(publishedDocument(url))),
    },
  };
}
