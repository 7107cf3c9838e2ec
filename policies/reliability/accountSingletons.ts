import { type StackResource, stackPolicy } from "../shared/policy";
import { matches } from "../shared/protectedStacks";
import { projectOf, stackOf } from "../shared/urn";
import { Values } from "../shared/values";

interface Config {
  owners: string[];
}

/** Settings that an account has once per region, and those it has once. */
const regional = [
  "aws:iot/indexingConfiguration:IndexingConfiguration",
  "aws:iot/eventConfigurations:EventConfigurations",
  "aws:iot/loggingOptions:LoggingOptions",
  "aws:apigateway/account:Account",
  "aws:ebs/encryptionByDefault:EncryptionByDefault",
  "aws:ebs/defaultKmsKey:DefaultKmsKey",
  "aws:ecr/registryPolicy:RegistryPolicy",
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
  "aws:xray/encryptionConfig:EncryptionConfig",
  "aws:securityhub/account:Account",
  "aws:macie2/account:Account",
];
const global = [
  "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
  "aws:iam/accountAlias:AccountAlias",
  "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
];

/** What an account has once, one program owns. */
export const accountSingletons = stackPolicy<Config>({
  name: "account-singletons",
  description: "Settings that an account has once have one owner.",
  why:
    "two resources for one setting overwrite each other at every deployment, and whichever is deleted switches it off for the " +
    "whole account.",
  fix: "keep the setting in one resource of one stack per account (and region), listed in `owners`, and let the others rely on it.",
  link: "https://docs.aws.amazon.com/iot/latest/developerguide/managing-index.html",
  severity: "high",
  parameters: {
    owners: {
      description:
        "The stacks, as `project/stack` with `*` for any letters, that may own such settings; none listed: every stack",
      type: "array",
      items: { type: "string", pattern: "^[^/]+/[^/]+$" },
      default: [],
    },
  },
  types: [...regional, ...global],
  check: (setting, stack, { owners }, report) => {
    const owner = `${projectOf(setting.urn)}/${stackOf(setting.urn)}`;
    if (owners.length > 0 && !owners.some((pattern) => matches(owner, pattern))) {
      report(
        `${setting.name} sets what the account has once, but ${owner} is not among its owners (${owners.join(", ")}).`,
      );
    }
    const first = stack.find((other) => other.type === setting.type && place(other) === place(setting));
    if (first && first.urn !== setting.urn)
      report(`${setting.name} and ${first.name} set the same thing of the account.`);
  },
});

/** The account and region a resource is in: its provider, and a region of its own where it has one. */
function place({ type, props, provider }: StackResource): string {
  if (global.includes(type)) return provider?.urn ?? "";
  const region = (props.isKnown("region") && props.text("region")) || new Values(provider?.props).text("region");
  return `${provider?.urn ?? ""} ${region ?? ""}`;
}
