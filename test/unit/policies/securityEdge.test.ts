import { unknown } from "./support";
import { type Row, set, table } from "./table";

describe("policies: ways in", () => {
  describe("lambda-public-url", () => {
    table([
      set("url", "finds a URL for everybody", { authorizationType: "NONE" }, ["lambda-public-url"]),
      set("url", "says nothing while it is not known", { authorizationType: unknown }),
      set("permission", "finds the permission for such a URL", { functionUrlAuthType: "NONE" }, ["lambda-public-url"]),
    ]);
  });

  describe("lambda-permission-source", () => {
    const policy = "lambda-permission-source";
    table([
      set(
        "permission",
        "finds a service of any account",
        { sourceArn: undefined },
        [policy],
        /iot\.amazonaws\.com of any account/,
      ),
      set("permission", "finds the source *", { sourceArn: "*" }, [policy]),
      set("permission", "takes an account as source", { sourceArn: undefined, sourceAccount: "123456789012" }),
      set("permission", "finds everybody", { principal: "*", sourceArn: undefined }, [policy], /everybody/),
      set("permission", "takes everybody of an organisation", {
        principal: "*",
        sourceArn: undefined,
        principalOrgId: "o-1",
      }),
      set("permission", "takes an account as principal", { principal: "123456789012", sourceArn: undefined }),
      set(
        "permission",
        "finds a bucket of no account",
        { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::bucket" },
        [policy],
        /whose bucket/,
      ),
      set("permission", "takes a bucket with its account", {
        principal: "s3.amazonaws.com",
        sourceArn: "arn:aws:s3:::bucket",
        sourceAccount: "123456789012",
      }),
      set("permission", "takes a source that is not known yet", { sourceArn: unknown }),
      set("permission", "says nothing while the principal is not known", { principal: unknown, sourceArn: undefined }),
    ]);
  });

  describe("api-authorization", () => {
    const policy = "api-authorization";
    const body = (title: string, document: unknown, finds: string[], says?: RegExp): Row =>
      set("api", title, { body: typeof document === "string" ? document : JSON.stringify(document) }, finds, says);
    const paths = (operation: object) => ({ paths: { "/things": { get: operation } } });
    table([
      set("method", "finds a method without authorizer", { authorization: "NONE" }, [policy], /everybody can call GET/),
      set("method", "finds that nothing is said", { authorization: undefined }, [policy]),
      set("method", "counts no API key as one", { authorization: "NONE", apiKeyRequired: true }, [policy]),
      set("method", "takes OPTIONS, which browsers ask before they sign in", {
        httpMethod: "OPTIONS",
        authorization: "NONE",
      }),
      {
        ...set("method", "takes one that its configuration gives a reason for", { authorization: "NONE" }),
        config: {
          "thingstack-security": { [policy]: { public: { method: "the health check is meant for everybody" } } },
        },
      },
      set("method", "says nothing while it is not known", { authorization: unknown }),
      set("route", "finds a route without authorizer", { authorizationType: "NONE" }, [policy]),
      set("route", "finds the default route", { routeKey: "$default", authorizationType: undefined }, [policy]),
      set("route", "finds the connect route of a WebSocket", { routeKey: "$connect", authorizationType: undefined }, [
        policy,
      ]),
      set("route", "takes the other routes of a WebSocket", { routeKey: "sendMessage", authorizationType: undefined }),
      set("route", "takes OPTIONS", { routeKey: "OPTIONS /things", authorizationType: undefined }),
      body("finds an operation without security", paths({}), [policy], /GET \/things/),
      body("finds an operation with an empty list", paths({ security: [] }), [policy]),
      body("finds an operation whose security is optional", paths({ security: [{ user: [] }, {}] }), [policy]),
      body("takes the security of the document", { security: [{ user: [] }], ...paths({}) }, []),
      body(
        "finds an operation that switches the document's off",
        { security: [{ user: [] }], ...paths({ security: [] }) },
        [policy],
      ),
      body("takes IAM", paths({ "x-amazon-apigateway-auth": { type: "AWS_IAM" } }), []),
      body(
        "takes a reason in the operation",
        paths({ "x-thingstack-public-because": "the health check is for everybody" }),
        [],
      ),
      body(
        "finds the method for all",
        { paths: { "/{proxy+}": { "x-amazon-apigateway-any-method": {} } } },
        [policy],
        /ANY \/\{proxy\+\}/,
      ),
      body("reads YAML", "paths:\n  /things:\n    get: {}\n", [policy], /GET \/things/),
      body("says that the document does not parse", "paths: [", [policy], /`body` must be an OpenAPI document/),
      body("says that paths are of a wrong type", { paths: "none" }, [policy], /`body\.paths` must be an object/),
      set("api", "takes an API without a document", { body: undefined }),
      set("api", "says nothing while the document is not known", { body: unknown }),
    ]);
  });
});
