import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { apiEvent } from "../../functions/runtime/sampleEvents";
import { authorizer } from "../../functions/signIn/authorizer";
import { readItems } from "../access/grants";
import { Handler } from "../lambda/handler";
import { AlarmGroup } from "../observability/alarmGroup";
import { FailureQueue } from "../observability/failureQueue";
import { defaultLogRetentionInDays } from "../observability/operations";
import { watchApi } from "../observability/resourceAlarms";
import { accessLogFormat } from "./accessLogFormat";
import { checkArgs, type DeviceApiArgs } from "./deviceApiArgs";
import { gatewayDocument } from "./gatewayDocument";
import type { OpenApiDocument } from "./openapi";
import type { Route, RouteEvent, RouteResult } from "./route";
import { dryRunEventOf } from "./routeDryRun";

/**
 * A REST API from a table of routes. The OpenAPI document is made from that table, and API Gateway from the document: it
 * checks each request against it, asks the authorizer, and answers every error with a problem document (RFC 9457).
 *
 * ```ts
 * const api = new DeviceApi("api", {
 *   info: { title: "Coolers", description: "...", version: "1.0.0" },
 *   routes: [whoami],
 *   resources: {},
 *   signIn: new SignIn("people"),
 *   ownership: new Ownership("ownership"),
 *   logging: new ApiLogging("api-logging"),
 * });
 * export const url = api.stage.invokeUrl;
 * ```
 *
 * Each route has a function with only the rights that the route asks for. The authorizer lets a user reach what they own, and
 * admins all; see docs/decisions/sign-in.md for what it caches. Access logs are JSON, one line per request.
 */
export class DeviceApi<Resources> extends pulumi.ComponentResource {
  readonly restApi: aws.apigateway.RestApi;
  readonly deployment: aws.apigateway.Deployment;
  readonly stage: aws.apigateway.Stage;
  readonly accessLogs: aws.cloudwatch.LogGroup;
  readonly authorizer: Handler<APIGatewayRequestAuthorizerEvent, APIGatewayAuthorizerResult>;
  /** The function of each route, by `operationId`. */
  readonly handlers: Readonly<Record<string, Handler<RouteEvent, RouteResult>>>;
  /** The contract: the OpenAPI document without what is AWS's own. */
  readonly document: OpenApiDocument;

  constructor(name: string, args: DeviceApiArgs<Resources>, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:api:DeviceApi", name, {}, opts);
    const checked = checkArgs(name, args);
    const { routes, resources, signIn, ownership } = args;
    const alarms = AlarmGroup.of(this, name, args);
    const { operations } = alarms;
    const parent = { parent: this };

    this.document = checked.document;
    // API Gateway waits for its functions, so nothing should come here: a call that somebody makes by hand, at most.
    const failures = new FailureQueue(
      `${name}-failures`,
      { description: `Calls of the functions of ${name} that failed for good`, ...operations },
      parent,
    );
    const throttled = { unreservedBecause: "called by API Gateway only - throttled at its stage", failures };
    this.authorizer = new Handler(
      `${name}-authorizer`,
      {
        description: `Lets callers of ${name} do what they may`,
        callbackFactory: authorizer,
        // Two versions that answer in turn would let a person in and out again, and neither answer is an error.
        rollout: "AllAtOnce",
        packages: ["aws-jwt-verify"],
        // Without a token.
        dryRunEvent: () => apiEvent({ httpMethod: "GET", resource: "/", pathParameters: null }) as never,
        refuses: true,
        environment: {
          USER_POOL_ID: signIn.userPool.id,
          CLIENT_ID: signIn.client.id,
          OWNERSHIP_TABLE: ownership.table.name,
          ADMIN_ONLY: routes
            .filter(({ adminOnly }) => adminOnly)
            .map(({ method, path }) => `${method} ${path}`)
            .join(),
        },
        grants: [readItems(ownership.table)],
        ...throttled,
        ...operations,
      },
      parent,
    );
    this.handlers = Object.fromEntries(
      routes.map((route) => [
        route.operationId,
        new Handler(
          `${name}-${kebab(route.operationId)}`,
          {
            description: route.summary,
            callbackFactory: route.callbackFactory,
            dryRunEvent: dryRunEventOf(route),
            environment: route.environment?.(resources),
            grants: route.grants?.(resources),
            timeout: route.timeout,
            ...throttled,
            ...operations,
          },
          parent,
        ),
      ]),
    );

    const body = pulumi
      .all([
        pulumi.all(Object.fromEntries(Object.entries(this.handlers).map(([id, { invokeArn }]) => [id, invokeArn]))),
        this.authorizer.invokeArn,
        checked.authorizerTtl,
      ])
      .apply(([invokeArns, authorizerInvokeArn, authorizerTtl]) => {
        const settings = { invokeArns: invokeArns as Record<string, string>, authorizerInvokeArn, authorizerTtl };
        return JSON.stringify(gatewayDocument(this.document, settings, publicReasons(routes)));
      });
    this.restApi = new aws.apigateway.RestApi(
      `${name}-api`,
      {
        description: args.info.title,
        body,
        endpointConfiguration: { types: "REGIONAL" },
        // An operation that is no longer in the document goes.
        putRestApiMode: "overwrite",
      },
      parent,
    );
    const permissions = this.allowInvocations(name, routes);
    this.deployment = new aws.apigateway.Deployment(
      `${name}-deployment`,
      {
        restApi: this.restApi.id,
        description: `${args.info.title} ${args.info.version}`,
        triggers: { document: body.apply((text) => createHash("sha256").update(text).digest("hex")) },
      },
      // A canary's stage stays at an older one.
      { parent: this, dependsOn: [this.restApi, ...permissions], retainOnDelete: args.canary !== undefined },
    );
    this.accessLogs = new aws.cloudwatch.LogGroup(
      `${name}-access`,
      { retentionInDays: args.logRetentionInDays ?? defaultLogRetentionInDays },
      parent,
    );
    this.stage = new aws.apigateway.Stage(
      `${name}-stage`,
      {
        restApi: this.restApi.id,
        deployment: this.deployment.id,
        stageName: checked.stageName,
        description: args.info.title,
        variables: args.variables,
        xrayTracingEnabled: true,
        accessLogSettings: { destinationArn: this.accessLogs.arn, format: JSON.stringify(accessLogFormat) },
        canarySettings: args.canary && {
          deploymentId: this.deployment.id,
          percentTraffic: checked.percentTraffic,
          stageVariableOverrides: args.canary.variables,
        },
      },
      {
        parent: this,
        dependsOn: args.logging === "owned elsewhere" ? [] : [args.logging.account],
        // Promoting a canary moves the stage; a deployment of this program must not move it back.
        ignoreChanges: args.canary ? ["deployment"] : [],
      },
    );
    new aws.apigateway.MethodSettings(
      `${name}-settings`,
      {
        restApi: this.restApi.id,
        stageName: this.stage.stageName,
        methodPath: "*/*",
        settings: {
          metricsEnabled: true,
          throttlingRateLimit: checked.throttlingRate,
          throttlingBurstLimit: checked.throttlingBurst,
        },
      },
      parent,
    );

    watchApi(alarms, name, { apiName: this.restApi.name, stageName: this.stage.stageName }, parent);
    alarms.close(this);

    this.registerOutputs({
      restApi: this.restApi,
      deployment: this.deployment,
      stage: this.stage,
      accessLogs: this.accessLogs,
      authorizer: this.authorizer,
      handlers: this.handlers,
      document: this.document,
    });
  }

  /** Lets this API, and no other, call each function, by its own route only. */
  private allowInvocations(name: string, routes: readonly Route<Resources>[]): aws.lambda.Permission[] {
    const allow = (what: string, { name: fn, qualifier }: Pick<Handler, "name" | "qualifier">, request: string) =>
      new aws.lambda.Permission(
        `${name}-${what}-permission`,
        {
          function: fn,
          qualifier,
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${this.restApi.executionArn}/${request}`,
        },
        { parent: this },
      );
    return [
      allow("authorizer", this.authorizer, "authorizers/*"),
      ...routes.map(({ operationId, method, path }) =>
        allow(kebab(operationId), this.handlers[operationId]!, `*/${method}${path.replace(/\{[^}]+\}/g, "*")}`),
      ),
    ];
  }
}

/** `set-desired` for `setDesired`: names of resources are in kebab-case. */
const kebab = (operationId: string) => operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const publicReasons = (routes: readonly Route<never>[]) =>
  Object.fromEntries(
    routes.flatMap(({ operationId, publicBecause }) => (publicBecause ? [[operationId, publicBecause]] : [])),
  );
