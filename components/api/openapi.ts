import type { Route, RouteParameter, RouteResponse, Schema } from "./route";
import { problem, SchemaStore } from "./schemas";

/** What the document says of the API as a whole. */
export interface ApiInfo {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

export interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly [field: string]: unknown;
}

/** An OpenAPI 3.0 document, as far as this program looks into it. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
  readonly [field: string]: unknown;
}

/** The name of the security scheme: an access token of the user pool. */
export const signedIn = "signedIn";

/** What API Gateway itself answers on any route, and on those with a body. */
const always: Readonly<Record<number, string>> = {
  400: "The request is not as this document says",
  401: "No access token, or one that is not valid",
  403: "Not allowed to this user; or there is no such thing, which looks the same to those who don't own it",
  429: "Too many requests; try again later",
  500: "Something is wrong on our side",
  502: "Something is wrong on our side",
  503: "Something is wrong on our side for now; try again",
  504: "It took too long",
};
/** What is answered before anybody reads the request, and so without a problem document. */
const unread: Readonly<Record<number, string>> = {
  414: "The address is too long; this is said without a body",
  431: "Address and headers together are longer than the 10 KB that API Gateway takes; this is said without a body",
};
const withBody: Readonly<Record<number, string>> = {
  413: "The body is longer than this API takes",
  415: "The body must be application/json",
};

/**
 * The contract of an API: an OpenAPI 3.0 document made of nothing but the table of routes, the same for every stack.
 *
 * @param url where the API is reached; may be relative
 * @throws if two routes have the same `operationId` or method and path, or two schemas the same name
 */
export function openApi(routes: readonly Route<never>[], info: ApiInfo, url = "/"): OpenApiDocument {
  const schemas = new SchemaStore();
  const paths: Record<string, Record<string, Operation>> = {};
  const seen = new Set<string>();

  for (const route of routes) {
    const method = route.method.toLowerCase();
    if (seen.has(route.operationId)) throw new Error(`There are two routes ${JSON.stringify(route.operationId)}`);
    if (paths[route.path]?.[method]) throw new Error(`There are two routes ${route.method} ${route.path}`);
    seen.add(route.operationId);
    paths[route.path] = { ...paths[route.path], [method]: operation(route, schemas) };
  }
  return {
    openapi: "3.0.3",
    info: { ...info, license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" } },
    servers: [{ url }],
    security: [{ [signedIn]: [] }],
    paths,
    components: {
      schemas: schemas.all(),
      securitySchemes: {
        [signedIn]: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "An access token of the user pool",
        },
      },
    },
  };
}

function operation(route: Route<never>, schemas: SchemaStore): Operation {
  const { operationId, summary, description, adminOnly, publicBecause, parameters = [], body } = route;
  const Name = operationId[0]!.toUpperCase() + operationId.slice(1);
  const said = [description, adminOnly && "For the group admin only."].filter(Boolean).join("\n\n");
  return {
    operationId,
    summary,
    ...(said && { description: said }),
    ...(publicBecause && { security: [] }),
    ...(parameters.length > 0 && { parameters: parameters.map(parameter) }),
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schemas.reference(body, `${Name}Body`) } },
      },
    }),
    responses: responses(route, Name, schemas),
  };
}

const parameter = ({ name, in: where, description, required, schema }: RouteParameter) => ({
  name,
  in: where,
  description,
  required: required ?? where === "path",
  schema,
});

function responses(route: Route<never>, name: string, schemas: SchemaStore) {
  const answers: Record<string, object> = {};
  const fromGateway = { ...always, ...unread, ...(route.body && withBody) };
  if (route.publicBecause) for (const status of [401, 403]) delete (fromGateway as Record<number, string>)[status];
  const all: Readonly<Record<string, RouteResponse>> = {
    ...Object.fromEntries(Object.entries(fromGateway).map(([status, description]) => [status, { description }])),
    ...route.responses,
  };
  for (const [status, { description, schema, headers }] of Object.entries(all)) {
    const failed = Number(status) >= 400;
    const content = schema ?? (failed && !(status in unread) ? problem : undefined);
    answers[status] = {
      description,
      ...(headers && { headers }),
      ...(content && {
        content: {
          [failed ? "application/problem+json" : "application/json"]: {
            schema: schemas.reference(content, `${name}${status}`),
          },
        },
      }),
    };
  }
  return answers;
}
