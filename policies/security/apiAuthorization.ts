import { load } from "js-yaml";
import { resourcePolicy, type Subject } from "../shared/policy";
import { Values, WrongTypeError } from "../shared/values";

interface Config {
  public: Record<string, string>;
}

const methods = ["get", "put", "post", "delete", "patch", "head", "x-amazon-apigateway-any-method"];

/** The extension of an OpenAPI operation that says why it is open. */
const extension = "x-thingstack-public-because";

/** Every way in asks who is there. */
export const apiAuthorization = resourcePolicy<Config>({
  name: "api-authorization",
  description: "Every method and route of an API is authorised.",
  why: "API Gateway lets everybody call a method that names no authorizer; an API key counts calls, it does not say who calls.",
  fix:
    "name an authorizer (`authorization`, `authorizationType`, or `security` in the OpenAPI document); for a method that is " +
    `meant for everybody, give the reason in this policy's parameter \`public\`, or as \`${extension}\` of the operation.`,
  link: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",
  severity: "critical",
  parameters: {
    public: {
      description: "Logical names of methods and routes that are meant for everybody, each with the reason",
      type: "object",
      additionalProperties: { type: "string", minLength: 10 },
      default: {},
    },
  },
  types: [
    "aws:apigateway/method:Method",
    "aws:apigatewayv2/route:Route",
    "aws:apigateway/restApi:RestApi",
    "aws:apigatewayv2/api:Api",
  ],
  check: (subject, config, report) => {
    if (config.public[subject.name] !== undefined) return;
    for (const open of openOperations(subject)) report(`${subject.name}: everybody can call ${open}.`);
  },
});

function openOperations({ type, props }: Subject): string[] {
  if (type === "aws:apigateway/method:Method") {
    const method = props.text("httpMethod") ?? "it";
    return method !== "OPTIONS" && (props.text("authorization") ?? "NONE") === "NONE" ? [method] : [];
  }
  if (type === "aws:apigatewayv2/route:Route") {
    const route = props.text("routeKey") ?? "it";
    // A WebSocket is authorised when it connects; its other routes take no authorizer.
    const asks = /^(?!OPTIONS)[A-Z]+ \/|^\$connect$|^\$default$/.test(route);
    return asks && (props.text("authorizationType") ?? "NONE") === "NONE" ? [route] : [];
  }
  const body = props.text("body");
  return body === undefined ? [] : openPaths(parse(body));
}

function parse(body: string): Values {
  try {
    return new Values(load(body), [], ["body"]);
  } catch {
    throw new WrongTypeError("body", "an OpenAPI document in JSON or YAML", "a text that does not parse");
  }
}

/** The operations of an OpenAPI document (JSON or YAML) that name no security, nor the document for them. */
function openPaths(document: Values): string[] {
  const paths = document.at("paths");
  return paths.keys().flatMap((path) =>
    paths
      .at(path)
      .keys()
      .filter((method) => methods.includes(method))
      .filter((method) => {
        const operation = paths.at(path).at(method);
        if (operation.at(extension).text() || operation.at("x-amazon-apigateway-auth").text("type") === "AWS_IAM")
          return false;
        const security = operation.has("security") ? operation.at("security") : document.at("security");
        // An empty alternative, `{}`, makes all others optional.
        return security.list().length === 0 || security.list().some((alternative) => alternative.keys().length === 0);
      })
      .map((method) => `${method === "x-amazon-apigateway-any-method" ? "ANY" : method.toUpperCase()} ${path}`),
  );
}
