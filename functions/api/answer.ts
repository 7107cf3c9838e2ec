import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { refusalOf } from "./problem";
import { type ApiRequest, requestOf } from "./request";

/** What a route answers with. */
export interface ApiAnswer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Becomes JSON. */
  readonly body: unknown;
}

/**
 * Makes a Lambda callback of a route: JSON answers, problem documents for whatever is thrown, one log line per request. What
 * went wrong on our side is in the log with its stack, and nothing of it in the answer.
 */
export function api(route: (request: ApiRequest) => Promise<ApiAnswer>) {
  return async (event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> => {
    const started = Date.now();
    const { requestId } = event.requestContext ?? {};
    const line = {
      requestId,
      route: `${event.httpMethod} ${event.resource}`,
      sub: event.requestContext?.authorizer?.sub,
    };
    const finish = (status: number, type: string, body: unknown, headers = {}) => {
      console.info(JSON.stringify({ message: "answered", ...line, status, milliseconds: Date.now() - started }));
      return {
        statusCode: status,
        headers: { "content-type": type, "cache-control": "no-store", "x-request-id": requestId ?? "", ...headers },
        body: JSON.stringify(body),
      };
    };
    try {
      const { status = 200, headers, body } = await route(requestOf(event, context));
      return finish(status, "application/json", body, headers);
    } catch (error) {
      const { problem, headers } = refusalOf(error);
      if (problem.status >= 500) {
        const { name, message, stack } = error as Error;
        console.error(JSON.stringify({ message: "failed", ...line, reason: `${name}: ${message}`, stack }));
      }
      return finish(problem.status, "application/problem+json", problem, headers);
    }
  };
}
