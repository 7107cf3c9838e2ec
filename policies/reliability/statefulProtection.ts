import { resourcePolicy } from "../shared/policy";
import { inProtectedStack, type ProtectedStacks, protectedStacksParameter } from "../shared/protectedStacks";

interface Config extends ProtectedStacks {
  stateful: string[];
}

/** What holds data is not deleted by a rename. */
export const statefulProtection = resourcePolicy<Config>({
  name: "stateful-protection",
  description: "In protected stacks, what holds data is protected from deletion.",
  why: "a renamed component, a property that replaces, or `pulumi destroy` in the wrong terminal deletes the table and its data.",
  fix: "pass `protect: true` to the resource or the component around it, and set no `forceDestroy`.",
  link: "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
  severity: "critical",
  parameters: {
    ...protectedStacksParameter,
    stateful: {
      description: "The types that hold data, or the settings of a whole account",
      type: "array",
      items: { type: "string", pattern: "^[^:]+:[^:]+:[^:]+$" },
      default: [
        "aws:dynamodb/table:Table",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:kinesis/stream:Stream",
        "aws:cognito/userPool:UserPool",
        "aws:kms/key:Key",
        "aws:secretsmanager/secret:Secret",
        "aws:rds/instance:Instance",
        "aws:rds/cluster:Cluster",
        "aws:efs/fileSystem:FileSystem",
        "aws:ecr/repository:Repository",
        "aws:timestreamwrite/table:Table",
        "aws:iot/caCertificate:CaCertificate",
        "aws:iot/indexingConfiguration:IndexingConfiguration",
        "aws:iot/eventConfigurations:EventConfigurations",
      ],
    },
  },
  types: (type) => type.startsWith("aws:"),
  check: (subject, config, report) => {
    if (!config.stateful.includes(subject.type) || !inProtectedStack(subject, config)) return;
    if (!subject.opts.protect) report(`${subject.name} is in a protected stack, but not protected.`);
    if (subject.props.flag("forceDestroy") === true) {
      report(`${subject.name} is in a protected stack, and \`forceDestroy\` lets it be deleted with what is in it.`);
    }
  },
});
