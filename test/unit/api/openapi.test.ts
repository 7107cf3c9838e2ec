import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { expect } from "chai";
import { gatewayDocument } from "../../../components/api/gatewayDocument";
import { type OpenApiDocument, openApi } from "../../../components/api/openapi";
import { apiInfo, publishedDocument } from "../../../components/api/published";
import type { Route } from "../../../components/api/route";
import { routes } from "../../../components/api/routes";

const info = { title: "Coolers", description: "Of the tests", version: "1.0.0" };
const answers = { 200: { description: "It is so" } };
const callbackFactory = () => async () => ({ statusCode: 200, body: "{}" });
const route = (change: Partial<Route<object>> = {}): Route<object> => ({
  operationId: "getCooler",
  method: "GET",
  path: "/coolers/{name}",
  summary: "One cooler",
  parameters: [{ name: "name", in: "path", description: "Which", schema: { type: "string" } }],
  responses: answers,
  callbackFactory,
  ...change,
});
const settings = {
  invokeArns: { getCooler: "arn:getCooler" },
  authorizerInvokeArn: "arn:authorizer",
  authorizerTtl: 60,
};

/** What Redocly's linter finds: every rule it recommends, as an error. */
async function lint(document: object): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: "openapi.json", config });
  return found.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
}

describe("the OpenAPI document", () => {
  it("says of a route what its entry in the table says", () => {
    const document = openApi([route({ description: "All of it." })], info);
    const operation = document.paths["/coolers/{name}"]?.get;
    expect(operation).to.deep.include({ operationId: "getCooler", summary: "One cooler", description: "All of it." });
    expect(operation?.parameters).to.deep.equal([
      { name: "name", in: "path", description: "Which", required: true, schema: { type: "string" } },
    ]);
  });

  it("asks everybody to sign in, but for a route that is public and says why", () => {
    const open = openApi([route({ publicBecause: "a health check is for everybody" })], info);
    expect(openApi([route()], info).security).to.deep.equal([{ signedIn: [] }]);
    expect(open.paths["/coolers/{name}"]?.get?.security).to.deep.equal([]);
    expect(open.paths["/coolers/{name}"]?.get?.responses).not.to.have.any.keys("401", "403");
  });

  it("says which routes are for admins only", () => {
    const { paths } = openApi([route({ adminOnly: true })], info);
    expect(paths["/coolers/{name}"]?.get?.description).to.match(/group admin only/);
  });

  it("has a problem document for every error, those of API Gateway too", () => {
    const change = route({
      method: "PATCH",
      body: { type: "object" },
      responses: { ...answers, 409: { description: "Not now" } },
    });
    const responses = openApi([change], info).paths["/coolers/{name}"]?.patch?.responses as Record<string, object>;
    // A request that is too long to be read is answered without a body.
    const failed = Object.keys(responses).filter((status) => Number(status) >= 400 && !/414|431/.test(status));
    expect(failed).to.include.members(["400", "401", "403", "409", "413", "415", "429", "500", "504"]);
    for (const status of failed) {
      expect(responses[status], status).to.have.nested.property(
        "content.application/problem+json.schema.$ref",
        "#/components/schemas/Problem",
      );
    }
  });

  it("writes a schema once, under its title, and refers to it from wherever it is", () => {
    const cooler = { title: "Cooler", type: "object", properties: { name: { type: "string" } } } as const;
    const list = { type: "array", items: cooler } as const;
    const { components, paths } = openApi(
      [
        route({ responses: { 200: { description: "It", schema: cooler } } }),
        route({
          operationId: "listCoolers",
          path: "/coolers",
          parameters: [],
          responses: { 200: { description: "All", schema: list } },
        }),
      ],
      info,
    );
    expect(components.schemas).to.have.all.keys("Cooler", "Problem", "ListCoolers200");
    expect(components.schemas.ListCoolers200).to.deep.equal({
      type: "array",
      items: { $ref: "#/components/schemas/Cooler" },
    });
    expect(paths["/coolers/{name}"]?.get).to.have.nested.property(
      "responses.200.content.application/json.schema.$ref",
      "#/components/schemas/Cooler",
    );
  });

  const refused: [what: string, routes: Route<object>[], reason: RegExp][] = [
    ["two routes of one name", [route(), route({ path: "/other" })], /two routes "getCooler"/],
    ["two routes of one method and path", [route(), route({ operationId: "other" })], /two routes GET \/coolers/],
    [
      "two schemas of one title",
      [
        route({ responses: { 200: { description: "a", schema: { title: "A", type: "string" } } } }),
        route({
          operationId: "b",
          path: "/b",
          responses: { 200: { description: "b", schema: { title: "A", type: "number" } } },
        }),
      ],
      /two schemas "A"/,
    ],
    ["a title that can't name a model", [route({ body: { title: "a model", type: "object" } })], /"a model" needs/],
  ];
  for (const [what, table, reason] of refused) {
    it(`can't be made of ${what}`, () => {
      expect(() => openApi(table, info)).to.throw(reason);
    });
  }
});

describe("what API Gateway imports", () => {
  const imported = (change: Partial<Route<object>> = {}, reasons = {}) =>
    gatewayDocument(openApi([route(change)], info), settings, reasons) as OpenApiDocument;

  it("calls a function per route", () => {
    expect(imported().paths["/coolers/{name}"]?.get?.["x-amazon-apigateway-integration"]).to.deep.equal({
      type: "aws_proxy",
      httpMethod: "POST",
      uri: "arn:getCooler",
      passthroughBehavior: "when_no_match",
    });
  });

  it("asks the authorizer, and keeps its answers apart by token, method and path", () => {
    expect(imported().components.securitySchemes.signedIn).to.deep.equal({
      type: "apiKey",
      name: "Authorization",
      in: "header",
      "x-amazon-apigateway-authtype": "custom",
      "x-amazon-apigateway-authorizer": {
        type: "request",
        identitySource: "method.request.header.Authorization, context.httpMethod, context.path",
        authorizerUri: "arn:authorizer",
        authorizerResultTtlInSeconds: 60,
      },
    });
  });

  it("checks bodies and parameters of every route", () => {
    const document = imported();
    const name = document["x-amazon-apigateway-request-validator"] as string;
    expect(document["x-amazon-apigateway-request-validators"]).to.have.property(name).that.deep.equals({
      validateRequestBody: true,
      validateRequestParameters: true,
    });
  });

  it("gives the reason why a route is public, which the policies ask for", () => {
    const because = "a health check is for everybody";
    const { paths } = imported({ publicBecause: because }, { getCooler: because });
    expect(paths["/coolers/{name}"]?.get).to.include({ "x-thingstack-public-because": because });
  });

  it("answers each error of its own with a problem document whose status is the answer's", () => {
    const responses = imported()["x-amazon-apigateway-gateway-responses"] as Record<
      string,
      { statusCode?: string; responseParameters: object; responseTemplates: Record<string, string> }
    >;
    expect(responses).to.include.all.keys("DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED", "ACCESS_DENIED");
    for (const [type, { statusCode, responseParameters, responseTemplates }] of Object.entries(responses)) {
      const said = JSON.parse(responseTemplates["application/json"] as string);
      expect(said.type, type).to.match(/^urn:thingstack:problem:[a-z-]+$/);
      expect(said, type).to.include.all.keys("title", "status", "detail");
      if (!type.startsWith("DEFAULT_")) expect(String(said.status), type).to.equal(statusCode);
      expect(responseParameters).to.deep.equal({ "gatewayresponse.header.Content-Type": "'application/problem+json'" });
    }
  });
});

describe("the backend's API", () => {
  it("has a document that Redocly's linter finds nothing wrong with", async () => {
    expect(await lint(publishedDocument())).to.deep.equal([]);
  });

  it("would be told by that linter of a document that is not right", async () => {
    const { paths, ...rest } = publishedDocument();
    const broken = { ...rest, paths: { ...paths, "/more": { get: { responses: {} } } } };
    expect((await lint(broken)).join("\n")).to.match(/operation-operationId|operation-summary/);
  });

  it("keeps what API Gateway does not import out of its schemas", () => {
    const text = JSON.stringify(openApi(routes, apiInfo).components.schemas);
    for (const keyword of ["nullable", "discriminator", "readOnly", "exclusiveMinimum", "exclusiveMaximum"]) {
      expect(text).not.to.include(`"${keyword}":`);
    }
  });

  it("is published as it is: docs/openapi.json is current (npm run openapi writes it)", () => {
    expect(JSON.parse(readFileSync("docs/openapi.json", "utf8"))).to.deep.equal(publishedDocument());
  });
});
