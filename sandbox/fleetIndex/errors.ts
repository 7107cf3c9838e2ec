import type { AwsResponse } from "../fill";
import { AwsError } from "../rules/awsErrors";
import { QueryError } from "./query/parse";

/** In the form of AWS's REST-JSON services. What nobody foresaw is the front door's to report. */
export function errorAnswer(error: unknown): AwsResponse {
  const { status, code, message } = toAwsError(error);
  return { status, headers: { "x-amzn-errortype": code }, body: { message } };
}

function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof QueryError) return new AwsError(400, "InvalidQueryException", error.message);
  throw error;
}
