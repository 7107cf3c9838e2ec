import { gatewayResponses } from "./gatewayResponses";
import { type OpenApiDocument, type Operation, signedIn } from "./openapi";

/** What API Gateway has to know beside the contract. */
export interface GatewaySettings {
  /** `operationId` -> where API Gateway invokes the route's function. */
  readonly invokeArns: Readonly<Record<string, string>>;
  readonly authorizerInvokeArn: string;
  /** Seconds that the authorizer's answer is taken again, 0 to 3,600. */
  readonly authorizerTtl: number;
}

/**
 * The contract with API Gateway's extensions: what is imported, and not published.
 * {@link https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html}
 */
export function gatewayDocument(document: OpenApiDocument, settings: GatewaySettings, reasons: PublicReasons): object {
  const paths = Object.entries(document.paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [method, integrated(operation, settings, reasons)]),
    ),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, securitySchemes: { [signedIn]: authorizerScheme(settings) } },
    "x-amazon-apigateway-request-validators": {
      all: { validateRequestBody: true, validateRequestParameters: true },
    },
    "x-amazon-apigateway-request-validator": "all",
    "x-amazon-apigateway-gateway-responses": gatewayResponses(),
  };
}

/** `operationId` -> why it is for everybody. */
export type PublicReasons = Readonly<Record<string, string>>;

function integrated(operation: Operation, { invokeArns }: GatewaySettings, reasons: PublicReasons) {
  const because = reasons[operation.operationId];
  return {
    ...operation,
    ...(because && { "x-thingstack-public-because": because }),
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      httpMethod: "POST",
      uri: invokeArns[operation.operationId],
      passthroughBehavior: "when_no_match",
    },
  };
}

/**
 * API Gateway knows a custom authorizer as an API key. Its answers are cached under token, method and path, since they are
 * about one request each: see functions/signIn/authorizerDecision.ts.
 */
const authorizerScheme = ({ authorizerInvokeArn, authorizerTtl }: GatewaySettings) => ({
  type: "apiKey",
  name: "Authorization",
  in: "header",
  "x-amazon-apigateway-authtype": "custom",
  "x-amazon-apigateway-authorizer": {
    type: "request",
    identitySource: "method.request.header.Authorization, context.httpMethod, context.path",
    authorizerUri: authorizerInvokeArn,
    authorizerResultTtlInSeconds: authorizerTtl,
  },
});
