import * as path from "node:path";
import { AdminConsole, type DeviceApi, type SignIn } from "../components";
import type { StackConfig } from "./config";

/**
 * The console for people, where the stack has a name and a certificate for it: with CloudFront's own name browsers could use
 * TLS 1.0, which our policies refuse.
 */
export function adminConsole(
  config: StackConfig,
  api: DeviceApi<never>,
  signIn: SignIn,
): { readonly console?: object } {
  if (config.consoleDomain === "") return {};
  const { distribution, site, url } = new AdminConsole("console", {
    siteDirectory: path.join(__dirname, "..", "console", "dist"),
    api: { restApiId: api.restApi.id, stageName: api.stage.stageName },
    signIn: { userPoolId: signIn.userPool.id, userPoolClientId: signIn.client.id },
    domainName: config.consoleDomain,
    certificateArn: config.consoleCertificateArn || undefined,
  });
  return {
    console: {
      url,
      bucketName: site.bucket.bucket,
      distributionId: distribution.id,
      // What the domain's CNAME or alias points at.
      distributionDomainName: distribution.domainName,
    },
  };
}
