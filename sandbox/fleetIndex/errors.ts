import { IoTServiceException } from "@aws-sdk/client-iot";
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
  // What MiniStack does not take for the group that has the members, e.g. its tags.
  if (error instanceof IoTServiceException && error.$fault === "client") {
    return new AwsError(error.$metadata.httpStatusCode ?? 400, error.name, error.message);
  }
  throw error;
}
