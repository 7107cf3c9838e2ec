import { resourcePolicy } from "../shared/policy";

interface Config {
  properties: Record<string, string>;
}

/** Who finds a resource in the console at night knows what it is for. */
export const descriptions = resourcePolicy<Config>({
  name: "descriptions",
  description: "Functions, rules, alarms, roles, keys and APIs say what they are for.",
  why: "who meets the resource in a console at night, without the program at hand, has nothing but its name.",
  fix: "set the description, in a sentence that says what it is for, not what it is.",
  link: "https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_evolve_ops_knowledge_management.html",
  level: "advisory",
  severity: "low",
  parameters: {
    properties: {
      description: "The types that need a description, and the property that holds it",
      type: "object",
      additionalProperties: { type: "string" },
      default: {
        "aws:lambda/function:Function": "description",
        "aws:iot/topicRule:TopicRule": "description",
        "aws:cloudwatch/metricAlarm:MetricAlarm": "alarmDescription",
        "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmDescription",
        "aws:cloudwatch/eventRule:EventRule": "description",
        "aws:iam/role:Role": "description",
        "aws:iam/policy:Policy": "description",
        "aws:kms/key:Key": "description",
        "aws:secretsmanager/secret:Secret": "description",
        "aws:apigateway/restApi:RestApi": "description",
        "aws:apigatewayv2/api:Api": "description",
        "aws:ec2/securityGroup:SecurityGroup": "description",
      },
    },
  },
  types: (type) => type.startsWith("aws:"),
  check: ({ type, props, name }, { properties }, report) => {
    const property = properties[type];
    if (property === undefined || !props.isKnown(property)) return;
    // Pulumi's own default for what AWS demands a description of.
    const said = props.text(property)?.trim() ?? "";
    if (said === "" || said === "Managed by Pulumi") report(`\`${property}\` of ${name} says nothing.`);
  },
});
