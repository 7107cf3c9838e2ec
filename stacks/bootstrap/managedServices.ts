/**
 * What a deployment does to each service: the calls that the AWS provider makes to create, read, change, tag and delete
 * the kinds of resources this project has. No call reads or writes what devices and people store. A new kind of resource
 * needs its calls added here, and a run of the bootstrap.
 *
 * `resource` is an ARN without `arn:aws:<service>:`; `<where>` stands for `<region>:<account>`. It is `*` only where AWS
 * checks the call against no resource. Names are not part of it: Pulumi makes them up.
 */
export interface ServiceCalls {
  readonly service: string;
  readonly resource: string | readonly string[];
  readonly actions: readonly string[];
}

const tagging = ["TagResource", "UntagResource", "ListTagsForResource"];

export const managedServices: readonly ServiceCalls[] = [
  {
    service: "apigateway",
    resource: "<region>::/*",
    // API Gateway's actions are the verbs of its REST interface.
    actions: ["GET", "POST", "PUT", "PATCH", "DELETE", "UpdateRestApiPolicy"],
  },
  {
    service: "athena",
    resource: "<where>:workgroup/*",
    actions: ["CreateWorkGroup", "GetWorkGroup", "UpdateWorkGroup", "DeleteWorkGroup", ...tagging],
  },
  {
    service: "cloudfront",
    resource: "*",
    actions: [
      ...["CreateDistribution", "GetDistribution", "UpdateDistribution", "DeleteDistribution"],
      ...["CreateFunction", "DescribeFunction", "GetFunction", "UpdateFunction", "PublishFunction", "DeleteFunction"],
      ...[
        "CreateOriginAccessControl",
        "GetOriginAccessControl",
        "UpdateOriginAccessControl",
        "DeleteOriginAccessControl",
      ],
      ...["CreateResponseHeadersPolicy", "GetResponseHeadersPolicy", "UpdateResponseHeadersPolicy"],
      ...["DeleteResponseHeadersPolicy", "CreateInvalidation", "AllowVendedLogDeliveryForResource", ...tagging],
    ],
  },
  {
    service: "firehose",
    resource: "<where>:deliverystream/*",
    actions: [
      ...["CreateDeliveryStream", "DescribeDeliveryStream", "UpdateDestination", "DeleteDeliveryStream"],
      ...["StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"],
      ...["TagDeliveryStream", "UntagDeliveryStream", "ListTagsForDeliveryStream"],
    ],
  },
  {
    service: "cloudwatch",
    resource: ["<where>:alarm:*", ":<account>:dashboard/*"],
    actions: [
      ...["PutMetricAlarm", "PutCompositeAlarm", "DescribeAlarms", "DeleteAlarms", ...tagging],
      ...["PutDashboard", "GetDashboard", "DeleteDashboards"],
    ],
  },
  {
    service: "codedeploy",
    resource: ["<where>:application:*", "<where>:deploymentgroup:*", "<where>:deploymentconfig:*"],
    actions: [
      ...["CreateApplication", "GetApplication", "UpdateApplication", "DeleteApplication"],
      ...["CreateDeploymentGroup", "GetDeploymentGroup", "UpdateDeploymentGroup", "DeleteDeploymentGroup"],
      ...["CreateDeploymentConfig", "GetDeploymentConfig", "DeleteDeploymentConfig"],
      ...[
        "CreateDeployment",
        "GetDeployment",
        "StopDeployment",
        "RegisterApplicationRevision",
        "GetApplicationRevision",
        "ListDeployments",
        "ListDeploymentTargets",
        "GetDeploymentTarget",
      ],
      ...tagging,
    ],
  },
  {
    service: "cognito-idp",
    resource: "<where>:userpool/*",
    actions: [
      ...["DescribeUserPool", "UpdateUserPool", "DeleteUserPool", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig"],
      ...["CreateUserPoolClient", "DescribeUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient"],
      ...["CreateUserPoolDomain", "UpdateUserPoolDomain", "DeleteUserPoolDomain"],
      ...["CreateGroup", "GetGroup", "UpdateGroup", "DeleteGroup", ...tagging],
    ],
  },
  { service: "cognito-idp", resource: "*", actions: ["CreateUserPool", "DescribeUserPoolDomain"] },
  {
    service: "dynamodb",
    resource: "<where>:table/*",
    actions: [
      ...["CreateTable", "DescribeTable", "UpdateTable", "DeleteTable", "DescribeTimeToLive", "UpdateTimeToLive"],
      ...["DescribeContinuousBackups", "UpdateContinuousBackups", "TagResource", "UntagResource", "ListTagsOfResource"],
    ],
  },
  {
    service: "events",
    resource: "<where>:rule/*",
    actions: ["PutRule", "DescribeRule", "DeleteRule", "PutTargets", "RemoveTargets", "ListTargetsByRule", ...tagging],
  },
  {
    service: "glue",
    resource: ["<where>:catalog", "<where>:database/*", "<where>:table/*"],
    actions: [
      ...["CreateDatabase", "GetDatabase", "UpdateDatabase", "DeleteDatabase"],
      ...["CreateTable", "GetTable", "UpdateTable", "DeleteTable", "GetPartitionIndexes"],
      ...["TagResource", "UntagResource", "GetTags"],
    ],
  },
  {
    service: "iot",
    resource: [
      ...["<where>:thing/*", "<where>:thingtype/*", "<where>:thinggroup/*", "<where>:cert/*", "<where>:policy/*"],
      ...["<where>:rule/*", "<where>:provisioningtemplate/*", "<where>:rolealias/*", "<where>:authorizer/*"],
    ],
    actions: [
      ...["CreateThing", "DescribeThing", "UpdateThing", "DeleteThing", "ListThingPrincipals"],
      ...["CreateThingType", "DescribeThingType", "DeprecateThingType", "DeleteThingType"],
      ...["CreateThingGroup", "DescribeThingGroup", "UpdateThingGroup", "DeleteThingGroup"],
      ...["AddThingToThingGroup", "RemoveThingFromThingGroup", "ListThingGroupsForThing"],
      ...[
        "DescribeCertificate",
        "UpdateCertificate",
        "DeleteCertificate",
        "AttachThingPrincipal",
        "DetachThingPrincipal",
      ],
      ...["CreatePolicy", "CreatePolicyVersion", "GetPolicy", "ListPolicyVersions", "SetDefaultPolicyVersion"],
      ...["DeletePolicyVersion", "DeletePolicy", "AttachPolicy", "DetachPolicy", "ListAttachedPolicies"],
      ...["CreateTopicRule", "GetTopicRule", "ReplaceTopicRule", "DeleteTopicRule"],
      ...["CreateProvisioningTemplate", "DescribeProvisioningTemplate", "UpdateProvisioningTemplate"],
      ...["CreateProvisioningTemplateVersion", "ListProvisioningTemplateVersions", "DeleteProvisioningTemplate"],
      ...[
        "DeleteProvisioningTemplateVersion",
        "CreateRoleAlias",
        "DescribeRoleAlias",
        "UpdateRoleAlias",
        "DeleteRoleAlias",
      ],
      ...["CreateAuthorizer", "DescribeAuthorizer", "UpdateAuthorizer", "DeleteAuthorizer", ...tagging],
    ],
  },
  {
    service: "iot",
    resource: "*",
    actions: [
      ...["CreateCertificateFromCsr", "CreateKeysAndCertificate", "ListTargetsForPolicy", "DescribeEndpoint"],
      ...["GetIndexingConfiguration", "UpdateIndexingConfiguration"],
      ...["DescribeEventConfigurations", "UpdateEventConfigurations", "GetV2LoggingOptions", "SetV2LoggingOptions"],
    ],
  },
  {
    service: "kinesis",
    resource: "<where>:stream/*",
    actions: [
      ...["CreateStream", "DescribeStreamSummary", "DescribeStream", "DeleteStream", "UpdateShardCount", "ListShards"],
      ...["UpdateStreamMode", "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"],
      ...["StartStreamEncryption", "StopStreamEncryption"],
      ...["AddTagsToStream", "RemoveTagsFromStream", "ListTagsForStream", ...tagging],
    ],
  },
  {
    service: "kms",
    resource: ["<where>:key/*", "<where>:alias/*"],
    actions: [
      ...["DescribeKey", "EnableKey", "DisableKey", "ScheduleKeyDeletion", "UpdateKeyDescription"],
      ...["GetKeyPolicy", "PutKeyPolicy", "GetKeyRotationStatus", "EnableKeyRotation", "DisableKeyRotation"],
      ...["CreateAlias", "UpdateAlias", "DeleteAlias", "ListResourceTags", "TagResource", "UntagResource"],
    ],
  },
  { service: "kms", resource: "*", actions: ["CreateKey", "ListAliases"] },
  {
    service: "lambda",
    resource: ["<where>:function:*", "<where>:event-source-mapping:*"],
    actions: [
      ...[
        "CreateFunction",
        "GetFunction",
        "GetFunctionConfiguration",
        "GetFunctionCodeSigningConfig",
        "DeleteFunction",
      ],
      ...["UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion", "ListVersionsByFunction"],
      ...["CreateAlias", "GetAlias", "UpdateAlias", "DeleteAlias", "AddPermission", "RemovePermission", "GetPolicy"],
      // One call per thing that is declared with the version it is delivered with.
      "InvokeFunction",
      ...["PutFunctionConcurrency", "GetFunctionConcurrency", "DeleteFunctionConcurrency"],
      ...["PutFunctionEventInvokeConfig", "GetFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig"],
      ...["DeleteFunctionEventInvokeConfig", "GetEventSourceMapping", "UpdateEventSourceMapping"],
      ...["DeleteEventSourceMapping", "TagResource", "UntagResource", "ListTags"],
    ],
  },
  { service: "lambda", resource: "*", actions: ["CreateEventSourceMapping", "ListEventSourceMappings"] },
  {
    service: "logs",
    resource: "<where>:log-group:*",
    actions: [
      ...["CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy", ...tagging],
      ...["PutSubscriptionFilter", "DescribeSubscriptionFilters", "DeleteSubscriptionFilter"],
      ...["PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter"],
      // For the reason that a release's hook gives.
      "FilterLogEvents",
    ],
  },
  {
    service: "logs",
    resource: "*",
    actions: [
      ...["DescribeLogGroups", "CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery"],
      ...["ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies"],
    ],
  },
  {
    service: "logs",
    // The access logs of CloudFront are delivered from this region, whichever the stack is in.
    resource: "us-east-1:<account>:delivery*",
    actions: [
      ...["PutDeliverySource", "GetDeliverySource", "DeleteDeliverySource"],
      ...["PutDeliveryDestination", "GetDeliveryDestination", "DeleteDeliveryDestination"],
      ...["CreateDelivery", "GetDelivery", "UpdateDeliveryConfiguration", "DeleteDelivery"],
    ],
  },
  {
    service: "sns",
    resource: "<where>:*",
    actions: [
      ...["CreateTopic", "GetTopicAttributes", "SetTopicAttributes", "DeleteTopic", "Subscribe", "Unsubscribe"],
      ...["GetSubscriptionAttributes", "SetSubscriptionAttributes", ...tagging],
    ],
  },
  {
    service: "sqs",
    resource: "<where>:*",
    actions: [
      ...["CreateQueue", "GetQueueUrl", "GetQueueAttributes", "SetQueueAttributes", "DeleteQueue"],
      ...["TagQueue", "UntagQueue", "ListQueueTags"],
    ],
  },
  {
    service: "states",
    resource: "<where>:stateMachine:*",
    actions: [
      ...["CreateStateMachine", "DescribeStateMachine", "UpdateStateMachine", "DeleteStateMachine"],
      ...["ListStateMachineVersions", "PublishStateMachineVersion", ...tagging],
    ],
  },
  { service: "states", resource: "*", actions: ["ValidateStateMachineDefinition"] },
  {
    service: "s3",
    resource: "::*",
    actions: [
      ...["CreateBucket", "DeleteBucket", "ListBucket", "GetBucketLocation", "GetBucketTagging", "PutBucketTagging"],
      ...["GetBucketVersioning", "PutBucketVersioning", "GetEncryptionConfiguration", "PutEncryptionConfiguration"],
      ...["GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "GetBucketPolicy", "PutBucketPolicy"],
      ...["DeleteBucketPolicy", "GetBucketPolicyStatus", "GetBucketAcl", "GetBucketCORS", "PutBucketCORS"],
      ...["GetBucketOwnershipControls", "PutBucketOwnershipControls", "GetLifecycleConfiguration"],
      ...["PutLifecycleConfiguration", "GetBucketNotification", "PutBucketNotification", "GetBucketLogging"],
      ...["PutBucketLogging", "GetBucketWebsite", "GetAccelerateConfiguration", "GetBucketRequestPayment"],
      ...["GetReplicationConfiguration", "GetBucketObjectLockConfiguration"],
    ],
  },
];
