import {
  APIGatewayClient,
  type AuthorizerType,
  CreateAuthorizerCommand,
  CreateModelCommand,
  CreateRequestValidatorCommand,
  CreateResourceCommand,
  type GatewayResponseType,
  GetResourcesCommand,
  type IntegrationType,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from "@aws-sdk/client-api-gateway";
import { load } from "js-yaml";
import type { Context } from "../../context";

interface Authorizer {
  readonly type: string;
  readonly identitySource?: string;
  readonly authorizerUri: string;
  readonly authorizerResultTtlInSeconds?: number;
}

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
  };
  readonly "x-amazon-apigateway-request-validator"?: string;
  readonly "x-amazon-apigateway-integration"?: Readonly<Record<string, string>>;
}

/** What is read of an OpenAPI 3.0 document with API Gateway's extensions. */
interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly security?: Operation["security"];
  readonly components?: {
    readonly schemas?: Readonly<Record<string, object>>;
    readonly securitySchemes?: Readonly<Record<string, { readonly "x-amazon-apigateway-authorizer"?: Authorizer }>>;
  };
  readonly "x-amazon-apigateway-request-validators"?: Readonly<
    Record<string, { readonly validateRequestBody?: boolean; readonly validateRequestParameters?: boolean }>
  >;
  readonly "x-amazon-apigateway-request-validator"?: string;
  readonly "x-amazon-apigateway-gateway-responses"?: Readonly<
    Record<
      string,
      {
        readonly statusCode?: string;
        readonly responseParameters?: Record<string, string>;
        readonly responseTemplates?: Record<string, string>;
      }
    >
  >;
}

/** What methods refer to, by its name in the document. */
interface Ids {
  readonly authorizers: ReadonlyMap<string, string>;
  readonly validators: ReadonlyMap<string, string>;
  readonly resources: ReadonlyMap<string, string>;
}

const methods = new Set(["get", "put", "post", "delete", "patch", "head", "options"]);

/** Makes of an empty API what an OpenAPI document (JSON or YAML) says, as ImportRestApi does on AWS. */
export async function importDocument(ctx: Context, restApiId: string, body: string): Promise<void> {
  const document = load(body) as Document;
  const client = ctx.client(APIGatewayClient);
  const each = <T>(table: Readonly<Record<string, T>> = {}, make: (name: string, value: T) => Promise<unknown>) =>
    Promise.all(Object.entries(table).map(async ([name, value]) => [name, await make(name, value)] as const));

  const [authorizers, validators, resources] = await Promise.all([
    each(document.components?.securitySchemes, (name, scheme) => createAuthorizer(ctx, restApiId, name, scheme)),
    each(document["x-amazon-apigateway-request-validators"], async (name, settings) => {
      const made = await client.send(new CreateRequestValidatorCommand({ restApiId, name, ...settings }));
      return made.id;
    }),
    createResources(ctx, restApiId, Object.keys(document.paths ?? {})),
    each(document.components?.schemas, (name, schema) =>
      client.send(
        new CreateModelCommand({
          restApiId,
          name,
          contentType: "application/json",
          schema: JSON.stringify(schema).replaceAll(
            '"#/components/schemas/',
            `"https://apigateway.amazonaws.com/restapis/${restApiId}/models/`,
          ),
        }),
      ),
    ),
    each(document["x-amazon-apigateway-gateway-responses"], (responseType, response) =>
      client.send(
        new PutGatewayResponseCommand({ restApiId, responseType: responseType as GatewayResponseType, ...response }),
      ),
    ),
  ]);
  const ids = {
    authorizers: new Map(authorizers as [string, string][]),
    validators: new Map(validators as [string, string][]),
    resources,
  };
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(item)) {
      if (methods.has(method)) await putOperation(ctx, restApiId, document, ids, path, method, operation);
    }
  }
}

async function createAuthorizer(
  ctx: Context,
  restApiId: string,
  name: string,
  scheme: { readonly "x-amazon-apigateway-authorizer"?: Authorizer },
): Promise<string | undefined> {
  const authorizer = scheme["x-amazon-apigateway-authorizer"];
  if (!authorizer) return undefined;
  // MiniStack takes `context.*` for a source that is always missing, and refuses every request. Without a cache it
  // asks the authorizer each time, which is what such a source comes to.
  const unknownSource = /\bcontext\./.test(authorizer.identitySource ?? "");
  const { id } = await ctx.client(APIGatewayClient).send(
    new CreateAuthorizerCommand({
      restApiId,
      name,
      type: authorizer.type.toUpperCase() as AuthorizerType,
      authorizerUri: authorizer.authorizerUri,
      identitySource: authorizer.identitySource,
      authorizerResultTtlInSeconds: unknownSource ? 0 : authorizer.authorizerResultTtlInSeconds,
    }),
  );
  return id;
}

/** A resource per segment of every path; path -> id. */
async function createResources(
  ctx: Context,
  restApiId: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const client = ctx.client(APIGatewayClient);
  const { items = [] } = await client.send(new GetResourcesCommand({ restApiId }));
  const ids = new Map(items.map(({ path, id }) => [path!, id!]));
  for (const path of paths) {
    let parent = "/";
    for (const pathPart of path.split("/").filter(Boolean)) {
      const here = parent === "/" ? `/${pathPart}` : `${parent}/${pathPart}`;
      if (!ids.has(here)) {
        const parentId = ids.get(parent);
        const { id } = await client.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
        ids.set(here, id!);
      }
      parent = here;
    }
  }
  return ids;
}

async function putOperation(
  ctx: Context,
  restApiId: string,
  document: Document,
  ids: Ids,
  path: string,
  method: string,
  operation: Operation,
): Promise<void> {
  const client = ctx.client(APIGatewayClient);
  const where = { restApiId, resourceId: ids.resources.get(path), httpMethod: method.toUpperCase() };
  const scheme = Object.keys((operation.security ?? document.security)?.[0] ?? {})[0];
  const authorizerId = ids.authorizers.get(scheme ?? "");
  const validator =
    operation["x-amazon-apigateway-request-validator"] ?? document["x-amazon-apigateway-request-validator"];
  const models = Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, { schema }]) => {
    const name = schema?.$ref?.split("/").pop();
    return name ? [[type, name] as const] : [];
  });
  await client.send(
    new PutMethodCommand({
      ...where,
      operationName: operation.operationId,
      authorizationType: authorizerId ? "CUSTOM" : "NONE",
      authorizerId,
      requestValidatorId: ids.validators.get(validator ?? ""),
      requestModels: Object.fromEntries(models),
      requestParameters: Object.fromEntries(
        (operation.parameters ?? []).map(({ name, in: place, required = false }) => [
          `method.request.${place === "query" ? "querystring" : place}.${name}`,
          required,
        ]),
      ),
    }),
  );
  const integration = operation["x-amazon-apigateway-integration"];
  if (!integration) throw new Error(`${where.httpMethod} ${path} has no x-amazon-apigateway-integration`);
  await client.send(
    new PutIntegrationCommand({
      ...where,
      type: integration.type!.toUpperCase() as IntegrationType,
      integrationHttpMethod: integration.httpMethod,
      uri: integration.uri,
      passthroughBehavior: integration.passthroughBehavior?.toUpperCase(),
    }),
  );
}
