import Ajv, { type ValidateFunction } from "ajv";
import type { APIGatewayProxyResult } from "aws-lambda";
import { expect } from "chai";
import { routes } from "../../../components/api/routes";
import { problem } from "../../../components/api/schemas";
import type { ApiAnswer } from "../../../functions/api/answer";
import { api } from "../../../functions/api/answer";
import type { ApiRequest } from "../../../functions/api/request";

/** Who asks, in tests. */
export const callers = {
  admin: { sub: "sub-admin", username: "ada", groups: "admin" },
  user: { sub: "sub-user", username: "uma", groups: "user" },
};

/** A request of a test; what is left out is as an ordinary request has it. */
export interface Asked {
  readonly caller?: keyof typeof callers;
  readonly path?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly headers?: Record<string, unknown>;
  /** A text, or something that becomes JSON. */
  readonly body?: unknown;
  /** Milliseconds until Lambda ends the call. */
  readonly remaining?: number;
  /** Taken over into the event as it is. */
  readonly event?: Record<string, unknown>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for.
  readonly body: any;
}

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat("date-time", (text: string) => !Number.isNaN(Date.parse(text)) && /Z$/.test(text));
const isProblem = ajv.compile(problem);
const schemas = new Map<string, ValidateFunction>();
for (const { operationId, responses } of routes) {
  for (const [status, { schema }] of Object.entries(responses)) {
    if (schema) schemas.set(`${operationId} ${status}`, ajv.compile(schema));
  }
}

/** Holds an answer to what the table of routes says of it; every error to the problem document. */
export function expectAsDocumented(
  operationId: string,
  { statusCode, headers, body }: APIGatewayProxyResult,
): Answered {
  const found = JSON.parse(body);
  const type = headers?.["content-type"];
  if (statusCode >= 400) {
    expect(isProblem(found), JSON.stringify(isProblem.errors)).to.equal(true);
    expect(type).to.equal("application/problem+json");
    expect(found.status).to.equal(statusCode);
    expect(found.type).to.match(/^urn:thingstack:problem:[a-z-]+$/);
    expect(body).not.to.match(/\bat .*\.[jt]s:\d/);
  } else {
    const isRight = schemas.get(`${operationId} ${statusCode}`);
    expect(isRight, `${operationId} is not documented to answer ${statusCode}`).to.be.a("function");
    expect(isRight?.(found), JSON.stringify(isRight?.errors)).to.equal(true);
    expect(type).to.equal("application/json");
  }
  return { status: statusCode, headers: headers ?? {}, body: found };
}

/** Asks a route as API Gateway would, and holds the answer to the table of routes. */
export async function ask(
  operationId: string,
  route: (request: ApiRequest) => Promise<ApiAnswer>,
  asked: Asked = {},
): Promise<Answered> {
  const { caller = "admin", path = {}, query = {}, headers = {}, body, remaining = 5000 } = asked;
  const event = {
    httpMethod: "GET",
    resource: "/",
    pathParameters: path,
    queryStringParameters: query,
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    body: typeof body === "string" || body === undefined ? (body ?? null) : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { requestId: "r-1", authorizer: callers[caller] },
    ...asked.event,
  };
  const context = { getRemainingTimeInMillis: () => remaining };
  const result = await api(route)(event as never, context as never);
  return expectAsDocumented(operationId, result);
}
