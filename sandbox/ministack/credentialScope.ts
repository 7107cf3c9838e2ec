/** Who signed a request, and for what. Every part is empty when the request is unsigned. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

const UNSIGNED: CredentialScope = { accessKeyId: "", region: "", service: "" };

/**
 * Reads the SigV4 credential scope, `<access key>/<date>/<region>/<service>/aws4_request`, from the Authorization
 * header or, in a presigned link, from `X-Amz-Credential`. SigV4a scopes carry no region. Nothing is verified here.
 */
export function credentialScope(authorization: string | undefined, query: URLSearchParams): CredentialScope {
  const signed = /^AWS4-[A-Z0-9-]+\s+(?:.*[\s,])?Credential=([^,\s]+)/.exec(authorization ?? "")?.[1];
  const scope = signed ?? query.get("X-Amz-Credential") ?? query.get("x-amz-credential");
  const parts = scope?.split("/") ?? [];
  if (parts.at(-1) !== "aws4_request" || (parts.length !== 5 && parts.length !== 4)) {
    return UNSIGNED;
  }
  const region = parts.length === 5 ? parts[2]! : "";
  return { accessKeyId: parts[0]!, region, service: parts.at(-2)! };
}
