import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { type Annotations, traced } from "../runtime/tracing";
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

/** An answer, or a problem document. */
interface Answered extends ApiAnswer {
  readonly status: number;
  /** @default "application/json" */
  readonly type?: string;
}

/**
 * Makes a Lambda callback of a route: JSON answers, problem documents for whatever is thrown, one log line per request, and
 * one subsegment of its trace, annotated with the route and the `thing` and `job` that its path names. What went wrong on our
 * side is in the log with its stack, and nothing of it in the answer.
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
    const finish = ({ status, type = "application/json", body, headers }: Answered) => {
      console.info(JSON.stringify({ message: "answered", ...line, status, milliseconds: Date.now() - started }));
      return {
        statusCode: status,
        headers: { "content-type": type, "cache-control": "no-store", "x-request-id": requestId ?? "", ...headers },
        body: JSON.stringify(body),
      };
    };
    try {
      const answered = traced("route", annotationsOf(line.route, event.pathParameters), () =>
        answerOf(() => route(requestOf(event, context))),
      );
      return finish(await answered);
    } catch (error) {
      const { name, message, stack } = error as Error;
      console.error(JSON.stringify({ message: "failed", ...line, reason: `${name}: ${message}`, stack }));
      return finish(problemOf(error));
    }
  };
}

/** What a request's trace is found by: `annotation.thing = "cooler-17"`. A segment's own name may have no braces. */
function annotationsOf(route: string, parameters: APIGatewayProxyEvent["pathParameters"]): Annotations {
  const { thingName: thing, jobId: job } = parameters ?? {};
  return { route, ...(thing && { thing }), ...(job && { job }) };
}

/** That a caller is refused is an answer. @throws what went wrong on our side, which the trace then shows as a fault */
async function answerOf(answer: () => Promise<ApiAnswer>): Promise<Answered> {
  try {
    return { status: 200, ...(await answer()) };
  } catch (error) {
    const answered = problemOf(error);
    if (answered.status >= 500) throw error;
    return answered;
  }
}

function problemOf(error: unknown): Answered {
  const { problem, headers } = refusalOf(error);
  return { status: problem.status, type: "application/problem+json", headers, body: problem };
}
