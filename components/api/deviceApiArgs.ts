import type * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "../args/argumentErrors";
import { text, wholeNumber } from "../args/checks";
import type { OperationsArgs } from "../observability/operations";
import type { ApiLogging } from "./apiLogging";
import { type ApiInfo, type OpenApiDocument, openApi } from "./openapi";
import type { Ownership } from "./ownership";
import type { Route } from "./route";
import type { SignIn } from "./signIn";

export interface DeviceApiArgs<Resources> extends OperationsArgs {
  readonly info: ApiInfo;
  /** The table of routes: what the OpenAPI document is made from. Each becomes a function with its own rights. */
  readonly routes: readonly Route<Resources>[];
  /** What the routes work with; each takes from it the rights and settings that it needs. */
  readonly resources: Resources;
  /** Whose tokens are taken. */
  readonly signIn: SignIn;
  readonly ownership: Ownership;
  /** The account's role for access logs: the component, where this stack has it, or `"owned elsewhere"`. */
  readonly logging: ApiLogging | "owned elsewhere";
  /**
   * Name of the stage, the first part of every path.
   * @default "live"
   */
  readonly stageName?: string;
  /** Stage variables, as routes get them in `event.stageVariables`. @default none */
  readonly variables?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Requests a second that the stage takes for longer; beyond, callers get 429.
   * @default 50
   */
  readonly throttlingRate?: pulumi.Input<number>;
  /**
   * Requests that it takes at once.
   * @default 100
   */
  readonly throttlingBurst?: pulumi.Input<number>;
  /**
   * Seconds that the authorizer's answer about one request (token, method, path) is taken again, 0 to 3,600: how long after
   * its removal a user, or an ownership, can still count.
   * @default 60
   */
  readonly authorizerTtl?: pulumi.Input<number>;
  /**
   * Releases changes of the OpenAPI document by canary: the stage stays at the deployment it has, and so many percent of the
   * requests, 0 to 100, go to the new one, until it is promoted or aborted.
   * @default a new document takes all requests at once
   */
  readonly canary?: CanaryArgs;
}

export interface CanaryArgs {
  /** Percent of the requests that go to the new deployment, 0 to 100. */
  readonly percentTraffic: pulumi.Input<number>;
  /** Stage variables that differ for those requests. */
  readonly variables?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** @throws InputPropertiesError with all that is wrong */
export function checkArgs<Resources>(name: string, args: DeviceApiArgs<Resources>) {
  const errors = new ArgumentErrors(`DeviceApi ${JSON.stringify(name)}`);
  errors.check("info.title", args.info?.title ?? "", text(256));
  const { stageName = "live" } = args;
  errors.check("stageName", stageName, (value) =>
    /^[a-zA-Z0-9_-]{1,128}$/.test(value) ? undefined : "must be 1 to 128 letters, digits, _ and -",
  );
  const percent = wholeNumber(0, 100, "percent");
  const checked = {
    stageName,
    throttlingRate: errors.input("throttlingRate", args.throttlingRate, 50, wholeNumber(1, 10_000, "requests")),
    throttlingBurst: errors.input("throttlingBurst", args.throttlingBurst, 100, wholeNumber(1, 5_000, "requests")),
    authorizerTtl: errors.input("authorizerTtl", args.authorizerTtl, 60, wholeNumber(0, 3600, "seconds")),
    percentTraffic: errors.input("canary.percentTraffic", args.canary?.percentTraffic, 0, percent),
  };
  let document: OpenApiDocument | undefined;
  try {
    document = openApi(args.routes ?? [], args.info);
    if (!args.routes?.length) errors.add("routes", "must have at least one route");
  } catch (error) {
    errors.add("routes", (error as Error).message);
  }
  errors.throwIfAny();
  return { ...checked, document: document! };
}
