import { arn, document, statement, table } from "./table";

const read = { Action: "dynamodb:GetItem" };

describe("policies: IAM, what is allowed", () => {
  describe("iam-wildcard-actions", () => {
    const actions = (title: string, Action: unknown, finds: string[], Sid?: string) =>
      statement("grants", title, { Sid, Action, Resource: arn("dynamodb", "table/orders") }, finds);
    const policy = "iam-wildcard-actions";
    table([
      actions("takes named actions", ["dynamodb:GetItem", "dynamodb:Query"], []),
      actions("finds all actions of a service", "dynamodb:*", [policy]),
      actions("finds a family of actions", ["dynamodb:GetItem", "dynamodb:Put*"], [policy]),
      actions("finds a question mark", "dynamodb:?etItem", [policy]),
      actions("finds everything", "*", [policy]),
      actions("takes the families that AWS names so", ["kms:GenerateDataKey*"], []),
      actions(
        "takes one that is excused by its Sid, with a reason",
        "dynamodb:Get*",
        [],
        "AnyActionBecauseReadersReadAllThereIs",
      ),
      actions("refuses an excuse without a reason", "dynamodb:Get*", [policy], "AnyActionBecauseINeedIt"),
      actions(
        "refuses the excuse for another wildcard",
        "dynamodb:Get*",
        [policy],
        "AnyResourceBecauseReadersReadAllThereIs",
      ),
      actions("never excuses everything", "*", [policy], "AnyActionBecauseThisIsOurAdministrator"),
      statement(
        "grants",
        "finds NotAction",
        { NotAction: ["iam:PassRole"], Resource: arn("sqs", "q") },
        [policy],
        /everything but iam:PassRole/,
      ),
      statement("grants", "leaves what is denied alone", { Effect: "Deny", Action: "*", Resource: "*" }, []),
      statement(
        "queue-policy",
        "looks at resource policies too",
        { Principal: { AWS: "123456789012" }, Action: "sqs:*", Resource: "*" },
        [policy],
      ),
      statement(
        "key",
        "takes AWS's default key policy",
        { Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" },
        [],
      ),
      statement(
        "key",
        "finds another principal with all actions of the key",
        { Principal: { AWS: "arn:aws:iam::123456789012:role/a" }, Action: "kms:*", Resource: "*" },
        [policy],
      ),
      {
        title: "looks into the inline policies of a role",
        on: "role",
        change: (props) => {
          props.inlinePolicies = [
            { name: "a", policy: document({ Action: "s3:*", Resource: "arn:aws:s3:::bucket/*" }) },
          ];
        },
        finds: [policy],
        says: /inlinePolicies\.0\.policy/,
      },
    ]);
  });

  describe("iam-wildcard-resources", () => {
    const policy = "iam-wildcard-resources";
    const resource = (Resource: unknown, finds: string[]) =>
      statement(
        "grants",
        `${finds.length ? "finds" : "takes"} ${JSON.stringify(Resource)}`,
        { ...read, Resource },
        finds,
      );
    table([
      ...[
        "*",
        ["arn:aws:s3:::bucket", "*"],
        arn("dynamodb", "table/*"),
        arn("lambda", "function:*"),
        arn("logs", "log-group:*"),
        arn("sqs", "*"),
        arn("sns", "?rders"),
        arn("iot", "thing/*"),
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/key",
        "arn:aws:apigateway:eu-central-1::/restapis/*",
        "arn:aws:dynamodb:*:123456789012:table/orders",
        "arn:aws:sqs:eu-central-1:*:orders",
        "arn:aws:*:eu-central-1:123456789012:orders",
        "orders*",
      ].map((given) => resource(given, [policy])),
      ...[
        arn("dynamodb", "table/orders"),
        arn("dynamodb", "table/orders/index/*"),
        arn("logs", "log-group:/aws/lambda/worker:*"),
        arn("lambda", "function:worker:*"),
        arn("ssm", "parameter/shop/*"),
        arn("iot", "topic/my/things/*/commands"),
        "arn:aws:s3:::bucket/*",
        "arn:aws:iam::123456789012:role/shop-*",
      ].map((given) => resource(given, [])),
      statement(
        "grants",
        "takes * where AWS takes nothing else",
        { Action: ["xray:PutTraceSegments", "logs:CreateLogDelivery", "ec2:DescribeSubnets"], Resource: "*" },
        [],
      ),
      statement(
        "grants",
        "finds the one action among them that has resources",
        { Action: ["xray:PutTraceSegments", "logs:PutLogEvents"], Resource: "*" },
        [policy],
        /allows logs:PutLogEvents on \*/,
      ),
      statement(
        "grants",
        "takes an action that its configuration adds",
        { Action: "athena:ListWorkGroups", Resource: "*" },
        [],
        undefined,
        {
          [policy]: { unscopableActions: ["athena:ListWorkGroups"] },
        },
      ),
      statement(
        "grants",
        "takes a statement excused by its Sid",
        {
          Sid: "AnyResourceBecauseThingsAreMadeInTheField",
          Action: "iot:UpdateThingShadow",
          Resource: arn("iot", "thing/*"),
        },
        [],
      ),
      statement(
        "grants",
        "refuses an excuse for two services at once",
        {
          Sid: "AnyResourceBecauseThingsAreMadeInTheField",
          Action: ["iot:UpdateThingShadow", "s3:GetObject"],
          Resource: "*",
        },
        [policy],
      ),
      statement(
        "grants",
        "refuses an excuse without a reason",
        { Sid: "AnyResourceBecauseWhyNot", ...read, Resource: "*" },
        [policy],
      ),
      statement(
        "grants",
        "takes * narrowed by a tag of the resource",
        { ...read, Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/project": "shop" } } },
        [],
      ),
      statement(
        "grants",
        "finds NotResource",
        { ...read, NotResource: arn("dynamodb", "table/secret") },
        [policy],
        /everything but/,
      ),
      statement(
        "queue-policy",
        "takes * in a resource policy, where it is the resource itself",
        { Principal: { AWS: "123456789012" }, Action: "sqs:SendMessage", Resource: "*" },
        [],
      ),
    ]);
  });
});
