import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { Grant } from "../access/grants";
import type { HandlerCallback } from "../lambda/handler";
import type { AnomalyReminder } from "../reminder/anomalyReminder";
import type { TelemetryPipeline } from "../telemetry/telemetryPipeline";

/**
 * A JSON schema as OpenAPI 3.0 and API Gateway both take it. One with a `title` (letters and digits) is written once, under
 * that name, and referred to from everywhere else.
 *
 * API Gateway validates by draft 4 and knows neither `nullable`, `discriminator`, `readOnly` nor `exclusiveMinimum`.
 */
export interface Schema {
  readonly title?: string;
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

/** A parameter of a route: in the path, in the query, or a header. */
export interface RouteParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly description: string;
  /** @default true in the path, false elsewhere */
  readonly required?: boolean;
  /** API Gateway looks only whether a required parameter is there; the rest is the callback's to check. */
  readonly schema: Schema;
}

/** An answer of a route. */
export interface RouteResponse {
  readonly description: string;
  /** Of the JSON body; for a status of 400 or more it is the problem document, and need not be given. */
  readonly schema?: Schema;
  /** Headers that an app may rely on, e.g. `ETag`. */
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
}

/** What a route's callback gets: the path is decoded, and the authorizer has let the caller in. */
export type RouteEvent = APIGatewayProxyEvent;

/** What a route's callback answers with. */
export type RouteResult = APIGatewayProxyResult;

/**
 * What the authorizer says of the caller, in `event.requestContext.authorizer`. API Gateway hands all of it over as text.
 */
export interface Caller {
  /** The user's id in the user pool; never changes. The key `owner` of the ownership table. */
  readonly sub: string;
  /** The e-mail address that the user signs in with. */
  readonly username: string;
  /** Joined by commas: `admin`, `user`, `admin,user`. */
  readonly groups: string;
}

/** One route of the API: what the OpenAPI document says of it, and the function that answers. */
export interface Route<Resources = ApiResources> {
  /** Unique, camelCase; names the route's function and its schemas. */
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With parameters in braces: `/things/{thingName}`. A route with `{thingName}` is open to the thing's owner and to admins. */
  readonly path: string;
  /** One line, for the table of contents of the document. */
  readonly summary: string;
  readonly description?: string;
  /** Whether only the group `admin` may call it. @default false: any user who is signed in and in a group */
  readonly adminOnly?: boolean;
  /** Why this route is for everybody, signed in or not; without it the authorizer is asked. Policies read it. */
  readonly publicBecause?: string;
  readonly parameters?: readonly RouteParameter[];
  /** JSON schema of the request's body; requests without a body that fits are refused before the callback runs. */
  readonly body?: Schema;
  /** Status to answer; 400, 401, 403, 413, 415, 429 and 5XX are added, as every route has them. */
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** As `callbackFactory` of a Handler. */
  readonly callbackFactory: () => HandlerCallback<RouteEvent, RouteResult>;
  /** What the route may do. @default nothing */
  readonly grants?: (resources: Resources) => readonly Grant[];
  readonly environment?: (resources: Resources) => Readonly<Record<string, pulumi.Input<string>>>;
  /** Seconds, 1 to 29: API Gateway gives up after 29. @default 10 */
  readonly timeout?: number;
}

/** What the routes of the backend's API work with. */
export interface ApiResources {
  /** `arn:aws:iot:eu-central-1:123456789012`; a resource follows: `${iotArn}:thing/*`. */
  readonly iotArn: pulumi.Input<string>;
  /** Who owns which thing: key `owner` (the user's `sub`) and `thingName`; index `by-thing`: key `thingName`, then `owner`. */
  readonly ownership: aws.dynamodb.Table;
  /** The anomalies that are watched, by kind, e.g. `overheated`. */
  readonly anomalies: Readonly<Record<string, AnomalyReminder>>;
  readonly telemetry: TelemetryPipeline;
  readonly firmware: FirmwareResources;
}

/** What the routes of releases work with: the contract with the firmware component. */
export interface FirmwareResources {
  /** Holds `artifacts/<app>/<version>/<file>` and `releases/<app>/<version>.json`. */
  readonly bucket: aws.s3.Bucket;
  /** Key `app` and `jobId`. */
  readonly releases: aws.dynamodb.Table;
  /** Key `jobId` and `thingName`. */
  readonly results: aws.dynamodb.Table;
}
