import type { Subject } from "./policy";
import { type Values, WrongTypeError } from "./values";

/** One statement of a policy document, with lists where IAM lets one write a single value. */
export interface Statement {
  /** How a message calls it: `statement "WriteLogs" of policy`. */
  readonly label: string;
  readonly sid: string;
  readonly allows: boolean;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  /** `*`, or what stands below AWS, Service, Federated and CanonicalUser. */
  readonly principals: readonly string[];
  /** Whether it is about everybody but those named (`NotPrincipal`). */
  readonly excludesPrincipals: boolean;
  /** Condition keys, in lower case; IAM does not mind their case. */
  readonly conditionKeys: readonly string[];
  readonly condition: Values;
}

/** Where documents stand that say what an identity may do. */
const identityDocuments: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/policy:Policy": ["policy"],
  "aws:iam/rolePolicy:RolePolicy": ["policy"],
  "aws:iam/userPolicy:UserPolicy": ["policy"],
  "aws:iam/groupPolicy:GroupPolicy": ["policy"],
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": ["inlinePolicy"],
};

/** Where documents stand that say who may use a resource; a role's trust policy is one of them. */
const resourceDocuments: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/role:Role": ["assumeRolePolicy"],
  "aws:sqs/queue:Queue": ["policy"],
  "aws:sqs/queuePolicy:QueuePolicy": ["policy"],
  "aws:sns/topic:Topic": ["policy"],
  "aws:sns/topicPolicy:TopicPolicy": ["policy"],
  "aws:s3/bucket:Bucket": ["policy"],
  "aws:s3/bucketV2:BucketV2": ["policy"],
  "aws:s3/bucketPolicy:BucketPolicy": ["policy"],
  "aws:kms/key:Key": ["policy"],
  "aws:kms/keyPolicy:KeyPolicy": ["policy"],
  "aws:secretsmanager/secret:Secret": ["policy"],
  "aws:secretsmanager/secretPolicy:SecretPolicy": ["policy"],
  "aws:dynamodb/resourcePolicy:ResourcePolicy": ["policy"],
  "aws:kinesis/resourcePolicy:ResourcePolicy": ["policy"],
  "aws:lambda/resourcePolicy:ResourcePolicy": ["policy"],
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": ["policy"],
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ["policyDocument"],
  "aws:ecr/repositoryPolicy:RepositoryPolicy": ["policy"],
  "aws:efs/fileSystemPolicy:FileSystemPolicy": ["policy"],
  "aws:apigateway/restApi:RestApi": ["policy"],
  "aws:apigateway/restApiPolicy:RestApiPolicy": ["policy"],
  "aws:backup/vaultPolicy:VaultPolicy": ["policy"],
};

export const hasIdentityDocument = (type: string): boolean => type in identityDocuments || type === "aws:iam/role:Role";
export const hasResourceDocument = (type: string): boolean => type in resourceDocuments;

/** The statements that say what an identity may do: of policies, and of the inline policies of a role. */
export function identityStatements({ type, props }: Subject): Statement[] {
  const inline = type === "aws:iam/role:Role" ? props.list("inlinePolicies").map((policy) => policy.at("policy")) : [];
  const named = (identityDocuments[type] ?? []).map((path) => props.at(path));
  return [...named, ...inline].flatMap(statements);
}

/** The statements that say who may use a resource. */
export function resourceStatements({ type, props }: Subject): Statement[] {
  return (resourceDocuments[type] ?? []).flatMap((path) => statements(props.at(path)));
}

/** The statements of one document; none where there is no document. */
export function statements(document: Values): Statement[] {
  if (document.any() === undefined || document.any() === "") return [];
  return oneOrMore(document.json(), "Statement").map((statement, at) => {
    const sid = statement.text("Sid") ?? "";
    const effect = statement.text("Effect");
    if (effect !== "Allow" && effect !== "Deny") {
      throw new WrongTypeError(statement.name("Effect"), '"Allow" or "Deny"', effect ? "something else" : "not set");
    }
    return {
      label: `the statement ${sid === "" ? `number ${at + 1}` : JSON.stringify(sid)} of \`${document.name()}\``,
      sid,
      allows: effect === "Allow",
      actions: texts(statement, "Action"),
      notActions: texts(statement, "NotAction"),
      resources: texts(statement, "Resource"),
      notResources: texts(statement, "NotResource"),
      principals: principals(statement),
      excludesPrincipals: statement.has("NotPrincipal"),
      conditionKeys: statement
        .keys("Condition")
        .flatMap((operator) => statement.at("Condition").at(operator).keys())
        .map((key) => key.toLowerCase()),
      condition: statement.at("Condition"),
    };
  });
}

function principals(statement: Values): string[] {
  const given = statement.any("Principal");
  if (given === undefined || typeof given === "string") return given === undefined ? [] : [given];
  return statement.keys("Principal").flatMap((kind) => texts(statement.at("Principal"), kind));
}

/** IAM takes one string where a list is meant. */
function texts(values: Values, key: string): string[] {
  return oneOrMore(values, key).flatMap((value) => value.text() ?? []);
}

function oneOrMore(values: Values, key: string): Values[] {
  const found = values.at(key);
  if (found.any() === undefined) return [];
  return Array.isArray(found.any()) ? found.list() : [found];
}
