import { unknown } from "./support";
import { arn, document, type Row, security, statement, table } from "./table";

describe("policies: IAM, to whom", () => {
  describe("iam-open-principals", () => {
    const policy = "iam-open-principals";
    const principal = (title: string, given: object, finds: string[]) =>
      statement("queue-policy", title, { Action: "sqs:SendMessage", Resource: arn("sqs", "orders"), ...given }, finds);
    table([
      principal("finds everybody", { Principal: "*" }, [policy]),
      principal("finds everybody with an AWS account", { Principal: { AWS: "*" } }, [policy]),
      principal("finds everybody in a list", { Principal: { AWS: ["123456789012", "*"] } }, [policy]),
      principal("finds a role of any account", { Principal: { AWS: "arn:aws:iam::*:role/a" } }, [policy]),
      principal("finds everybody but some", { NotPrincipal: { AWS: "123456789012" } }, [policy]),
      principal("takes an account", { Principal: { AWS: "arn:aws:iam::123456789012:root" } }, []),
      principal("takes a service", { Principal: { Service: "sns.amazonaws.com" } }, []),
      principal(
        "takes everybody of an organisation",
        { Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } },
        [],
      ),
      principal(
        "takes a source, however its key is spelled",
        { Principal: "*", Condition: { ArnLike: { "AWS:SourceArn": "arn" } } },
        [],
      ),
      principal(
        "finds a condition that narrows nobody",
        { Principal: "*", Condition: { Bool: { "aws:SecureTransport": "true" } } },
        [policy],
      ),
      principal(
        "takes what is excused by its Sid",
        { Sid: "AnyPrincipalBecauseTheQueueTakesPublicFeedback", Principal: "*" },
        [],
      ),
      principal("leaves what is denied alone", { Effect: "Deny", Principal: "*" }, []),
      {
        title: "looks at the trust policy of a role, given as an object",
        on: "role",
        change: (props) => {
          props.assumeRolePolicy = {
            Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
          };
        },
        finds: [policy],
      },
    ]);
  });

  describe("iam-managed-full-access", () => {
    const policy = "iam-managed-full-access";
    const managed = (name: string, finds: string[], entries?: object): Row => ({
      title: `${finds.length ? "finds" : "takes"} ${name}${entries ? " as configured" : ""}`,
      on: "read-only",
      change: (props) => {
        props.policyArn = `arn:aws:iam::aws:policy/${name}`;
      },
      finds,
      ...(entries && { config: security({ [policy]: entries }) }),
    });
    table([
      ...[
        "AmazonS3FullAccess",
        "AWSLambda_FullAccess",
        "CloudWatchFullAccessV2",
        "AdministratorAccess",
        "PowerUserAccess",
        "job-function/AdministratorAccess-Amplify",
      ].map((name) => managed(name, [policy])),
      ...["AWSXRayDaemonWriteAccess", "service-role/AWSLambdaBasicExecutionRole", "ReadOnlyAccess"].map((name) =>
        managed(name, []),
      ),
      managed("AWSLambda_FullAccess", [], { allowed: ["AWSLambda_FullAccess"] }),
      {
        title: "takes a policy of one's own of such a name",
        on: "read-only",
        change: (props) => {
          props.policyArn = "arn:aws:iam::123456789012:policy/OrdersFullAccess";
        },
      },
      {
        title: "looks at the managed policies of a role",
        on: "role",
        change: (props) => {
          props.managedPolicyArns = ["arn:aws:iam::aws:policy/IAMFullAccess"];
        },
        finds: [policy],
      },
    ]);
  });

  describe("documents", () => {
    const given = (title: string, value: unknown, finds: string[], says?: RegExp): Row => ({
      title,
      on: "grants",
      change: (props) => {
        props.policy = value;
      },
      finds,
      says,
    });
    const both = ["iam-wildcard-actions", "iam-wildcard-resources"];
    const allowed = { Effect: "Allow", Action: "sqs:*", Resource: "*" };
    table([
      given("an object is read like JSON", { Statement: [allowed] }, both),
      given("one statement needs no list", JSON.stringify({ Statement: allowed }), both),
      given("a document that is not known yet says nothing", unknown, []),
      given(
        "text that is no JSON is said",
        "{Statement:",
        both,
        /`policy` must be JSON, but is a text that does not parse/,
      ),
      given("a number is said", 42, both, /`policy` must be an object, but is a number/),
      given(
        "a list is said",
        JSON.stringify({ Statement: "Allow" }),
        both,
        /`policy\.Statement` must be an object, but is a string/,
      ),
      given(
        "an unknown effect is said",
        document({ Effect: "allow", Action: "sqs:*", Resource: "*" }),
        both,
        /"Allow" or "Deny"/,
      ),
      given(
        "a missing effect is said",
        JSON.stringify({ Statement: [{}] }),
        both,
        /Effect` must be "Allow" or "Deny", but is not set/,
      ),
      given(
        "an action that is no text is said",
        document({ Action: [7], Resource: "*" }),
        both,
        /must be a string, but is a number/,
      ),
    ]);
  });
});
