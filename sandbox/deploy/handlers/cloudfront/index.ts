import type { Handlers } from "../../handler";
import { distribution } from "./distribution";
import { edgeFunction } from "./function";
import { originAccessControl } from "./originAccessControl";
import { responseHeadersPolicy } from "./responseHeadersPolicy";

export const handlers: Handlers = {
  "aws:cloudfront/distribution:Distribution": distribution,
  "aws:cloudfront/function:Function": edgeFunction,
  "aws:cloudfront/originAccessControl:OriginAccessControl": originAccessControl,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": responseHeadersPolicy,
};
