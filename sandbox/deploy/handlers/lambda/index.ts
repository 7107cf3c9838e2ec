import type { Handlers } from "../../handler";
import { invocation } from "./call";
import { eventSourceMapping } from "./eventSourceMapping";
import { lambdaFunction } from "./function";
import { alias, functionEventInvokeConfig, permission } from "./invocation";

export const handlers: Handlers = {
  "aws:lambda/function:Function": lambdaFunction,
  "aws:lambda/permission:Permission": permission,
  "aws:lambda/eventSourceMapping:EventSourceMapping": eventSourceMapping,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": functionEventInvokeConfig,
  "aws:lambda/alias:Alias": alias,
  "aws:lambda/invocation:Invocation": invocation,
};
