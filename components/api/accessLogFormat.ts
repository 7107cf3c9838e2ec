/** One line per request: who asked for what, what they got, and how long each part took. Never the token. */
export const accessLogFormat = {
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  ip: "$context.identity.sourceIp",
  user: "$context.authorizer.sub",
  method: "$context.httpMethod",
  resource: "$context.resourcePath",
  path: "$context.path",
  status: "$context.status",
  bytes: "$context.responseLength",
  latency: "$context.responseLatency",
  integrationLatency: "$context.integrationLatency",
  authorizerLatency: "$context.authorizer.latency",
  error: "$context.error.responseType",
  trace: "$context.xrayTraceId",
};
