import type { Handlers } from "../../handler";
import { account } from "./account";
import { deployment } from "./deployment";
import { restApi } from "./restApi";
import { methodSettings, stage } from "./stage";

export const handlers: Handlers = {
  "aws:apigateway/account:Account": account,
  "aws:apigateway/deployment:Deployment": deployment,
  "aws:apigateway/methodSettings:MethodSettings": methodSettings,
  "aws:apigateway/restApi:RestApi": restApi,
  "aws:apigateway/stage:Stage": stage,
};
