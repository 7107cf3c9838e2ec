import type { AwsResponse } from "../fill";
import { FilterRefusedError } from "./brokerConnection";
import { InvalidRuleError } from "./errors";
import { SqlParseError } from "./sql/parse";

/** An answer that the SDK throws as the exception of that name. */
export class AwsError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  static invalid(message: string): AwsError {
    return new AwsError(400, "InvalidRequestException", message);
  }
}

/** In the form of AWS's REST-JSON services. What nobody foresaw is the front door's to report. */
export function errorAnswer(error: unknown): AwsResponse {
  const { status, code, message } = toAwsError(error);
  return { status, headers: { "x-amzn-errortype": code }, body: { message } };
}

function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SqlParseError) return new AwsError(400, "SqlParseException", error.message);
  if (error instanceof InvalidRuleError || error instanceof FilterRefusedError) return AwsError.invalid(error.message);
  throw error;
}
