import type { ListTagsForResourceInput, Tag, TagResourceInput, UntagResourceInput } from "@aws-sdk/client-codedeploy";
import type { CodeDeployAccount } from "./account";
import { CodeDeployError } from "./errors";
import type { Operations } from "./operation";

export const tagOperations = {
  ListTagsForResource(account, { ResourceArn }: ListTagsForResourceInput) {
    return { Tags: [...tagsOf(account, ResourceArn)].map(([Key, Value]) => ({ Key, Value })) };
  },

  TagResource(account, { ResourceArn, Tags }: TagResourceInput) {
    const tags = tagsOf(account, ResourceArn);
    for (const [key, value] of tagMap(Tags)) tags.set(key, value);
    return {};
  },

  UntagResource(account, { ResourceArn, TagKeys = [] }: UntagResourceInput) {
    const tags = tagsOf(account, ResourceArn);
    for (const key of TagKeys) tags.delete(key);
    return {};
  },
} satisfies Operations;

export const tagMap = (tags: readonly Tag[] = []): Map<string, string> =>
  new Map(tags.map(({ Key = "", Value = "" }) => [Key, Value]));

/** Of an application or a group: configurations have none. @throws CodeDeployError */
function tagsOf(account: CodeDeployAccount, arn: string | undefined): Map<string, string> {
  if (!arn) throw new CodeDeployError("ResourceArnRequiredException", "The ResourceArn is missing");
  const [, kind, names = ""] = /^arn:aws:codedeploy:[^:]+:\d{12}:([a-z]+):(.+)$/.exec(arn) ?? [];
  if (!kind) throw new CodeDeployError("InvalidArnException", `${arn} is no ARN of CodeDeploy's`);
  const [applicationName, deploymentGroupName] = names.split("/");
  if (kind === "application") return account.application(applicationName).tags;
  if (kind === "deploymentgroup") return account.group(applicationName, deploymentGroupName).tags;
  throw new CodeDeployError("ArnNotSupportedException", `A ${kind} has no tags`);
}
