/** One problem that API Gateway finds by itself, before any route's callback runs. */
interface GatewayProblem {
  readonly status: number;
  /** The last part of the problem's `type`; the same as where a route finds it: functions/api/problem.ts. */
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
}

/**
 * Response types of API Gateway and what callers are told instead of its own words.
 * {@link https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html}
 */
const problems: Readonly<Record<string, GatewayProblem>> = {
  UNAUTHORIZED: {
    status: 401,
    kind: "unauthenticated",
    title: "Not signed in",
    detail: "The request needs an access token of the user pool that is valid: Authorization: Bearer <token>.",
  },
  ACCESS_DENIED: {
    status: 403,
    kind: "forbidden",
    title: "Not allowed",
    detail: "This user may not do this; or there is no such thing.",
  },
  // What it calls a missing token is a path or method that no route has: tokens are the authorizer's business.
  MISSING_AUTHENTICATION_TOKEN: {
    status: 404,
    kind: "not-found",
    title: "No such route",
    detail: "This API has no route of this method and path; its OpenAPI document lists all it has.",
  },
  BAD_REQUEST_BODY: {
    status: 400,
    kind: "malformed",
    title: "Bad request",
    detail: "The body is not as the OpenAPI document says.",
  },
  BAD_REQUEST_PARAMETERS: {
    status: 400,
    kind: "malformed",
    title: "Bad request",
    detail: "A parameter is missing that the OpenAPI document asks for.",
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    kind: "body-too-large",
    title: "Too large",
    detail: "The body is longer than the 10 MB that API Gateway takes.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    kind: "unsupported-media-type",
    title: "Unsupported media type",
    detail: "The body must be application/json.",
  },
  THROTTLED: {
    status: 429,
    kind: "too-many-requests",
    title: "Too many requests",
    detail: "There are more requests than this API takes; try again after a pause.",
  },
  INTEGRATION_TIMEOUT: {
    status: 504,
    kind: "timeout",
    title: "Timeout",
    detail: "It took too long; whether it was done is not known.",
  },
};

const families: Readonly<Record<string, GatewayProblem>> = {
  DEFAULT_4XX: {
    status: 400,
    kind: "malformed",
    title: "Bad request",
    detail: "API Gateway does not take this request.",
  },
  DEFAULT_5XX: {
    status: 500,
    kind: "internal",
    title: "Internal error",
    detail: "Something is wrong on our side; the request's id helps to find out what.",
  },
};

/** What `type` of a problem begins with. */
export const problemTypes = "urn:thingstack:problem:";

/** The extension `x-amazon-apigateway-gateway-responses`: every answer of API Gateway itself is a problem document. */
export function gatewayResponses() {
  return Object.fromEntries(
    Object.entries({ ...families, ...problems }).map(([responseType, { status, kind, title, detail }]) => [
      responseType,
      {
        // A family keeps the status of each of its members.
        ...(responseType in problems && { statusCode: String(status) }),
        responseParameters: { "gatewayresponse.header.Content-Type": "'application/problem+json'" },
        responseTemplates: {
          "application/json": JSON.stringify({ type: problemTypes + kind, title, status, detail }),
        },
      },
    ]),
  );
}
