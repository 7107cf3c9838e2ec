import type { ServerResponse } from "node:http";
import type { AwsRequest, AwsResponse } from "../fill";

/** Sends what a fill has answered; an object as JSON. */
export function sendAnswer(response: ServerResponse, answer: AwsResponse): void {
  const body = answer.body ?? "";
  const isJson = typeof body === "object" && !Buffer.isBuffer(body);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(isJson ? JSON.stringify(body) : (body as string));
  const type = isJson ? { "content-type": "application/json" } : {};
  response.writeHead(answer.status, { ...type, ...answer.headers, "content-length": bytes.length }).end(bytes);
}

/** Sends an error in the form the request's protocol knows, so that an SDK throws it by its name. */
export function sendError(
  response: ServerResponse,
  request: AwsRequest,
  status: number,
  code: string,
  message: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy(); // half an answer: only a broken connection tells the client so
    return;
  }
  const isQuery = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (request.service === "s3") {
    const body = `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    sendAnswer(response, { status, headers: { "content-type": "application/xml" }, body });
  } else if (isQuery) {
    const error = `<Error><Type>Receiver</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<ErrorResponse>${error}</ErrorResponse>`;
    sendAnswer(response, { status, headers: { "content-type": "text/xml" }, body });
  } else {
    sendAnswer(response, { status, headers: { "x-amzn-errortype": code }, body: { __type: code, message } });
  }
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[character]!);
}
