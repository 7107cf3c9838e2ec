import type { APIGatewayProxyResult } from "aws-lambda";
import { type SinonStub, stub } from "sinon";
import type { ApiAnswer } from "../../../functions/api/answer";
import { api } from "../../../functions/api/answer";
import type { ApiRequest } from "../../../functions/api/request";
import { type Answered, expectAsDocumented } from "../../support/apiContract";

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
  return expectAsDocumented(operationId, documented(result));
}

/** Keeps the log lines of the tests around it to itself. */
export function silently(): void {
  let logs: SinonStub[] = [];
  beforeEach(() => {
    logs = [stub(console, "info"), stub(console, "error")];
  });
  afterEach(() => {
    for (const log of logs) log.restore();
  });
}

/** A Lambda result as the contract sees an answer. */
export const documented = ({ statusCode, headers = {}, body }: APIGatewayProxyResult) => ({
  status: statusCode,
  headers,
  text: body,
});
