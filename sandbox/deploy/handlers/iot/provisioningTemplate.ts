import {
  CreateProvisioningTemplateCommand,
  CreateProvisioningTemplateVersionCommand,
  DeleteProvisioningTemplateCommand,
  DeleteProvisioningTemplateVersionCommand,
  DescribeProvisioningTemplateCommand,
  IoTClient,
  ListProvisioningTemplateVersionsCommand,
  type TemplateType,
  UpdateProvisioningTemplateCommand,
} from "@aws-sdk/client-iot";
import type { iot } from "@pulumi/aws";
import { jsonText } from "../../attributes";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { stillHolds } from "../../stillHolds";
import { tagList } from "../../tags";
import { changeTags, readTags } from "./tags";

/** What things that appear in the field become; see fleet provisioning. AWS takes names of 36 characters at most. */
export const provisioningTemplate: ResourceHandler<iot.ProvisioningTemplateArgs, iot.ProvisioningTemplateState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "type"],

  async create(inputs, ctx) {
    await ctx.client(IoTClient).send(
      new CreateProvisioningTemplateCommand({
        templateName: inputs.name,
        description: inputs.description,
        templateBody: jsonText(inputs.templateBody),
        enabled: inputs.enabled,
        provisioningRoleArn: inputs.provisioningRoleArn,
        preProvisioningHook: hook(inputs),
        type: inputs.type as TemplateType | undefined,
        tags: tagList(inputs.tagsAll),
      }),
    );
    return inputs.name!;
  },

  async read(templateName, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new DescribeProvisioningTemplateCommand({ templateName })));
    return (
      found && {
        arn: found.templateArn,
        name: found.templateName,
        description: found.description,
        templateBody: found.templateBody,
        defaultVersionId: found.defaultVersionId,
        enabled: found.enabled ?? false,
        provisioningRoleArn: found.provisioningRoleArn,
        preProvisioningHook: found.preProvisioningHook && {
          targetArn: found.preProvisioningHook.targetArn!,
          payloadVersion: found.preProvisioningHook.payloadVersion,
        },
        type: found.type,
        tagsAll: await readTags(ctx, found.templateArn),
      }
    );
  },

  async update(templateName, news, olds, ctx) {
    const client = ctx.client(IoTClient);
    if (!stillHolds(news.templateBody, olds.templateBody)) {
      await deleteOldVersions(ctx, templateName);
      const templateBody = jsonText(news.templateBody);
      await client.send(
        new CreateProvisioningTemplateVersionCommand({ templateName, templateBody, setAsDefault: true }),
      );
    }
    const preProvisioningHook = hook(news);
    await client.send(
      new UpdateProvisioningTemplateCommand({
        templateName,
        description: news.description ?? "",
        enabled: news.enabled ?? false,
        provisioningRoleArn: news.provisioningRoleArn,
        preProvisioningHook,
        removePreProvisioningHook: preProvisioningHook === undefined && olds.preProvisioningHook !== undefined,
      }),
    );
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  async delete(templateName, _state, ctx) {
    await orGone(ctx.client(IoTClient).send(new DeleteProvisioningTemplateCommand({ templateName })));
  },
};

const hook = ({ preProvisioningHook: wanted }: Inputs<iot.ProvisioningTemplateArgs>) =>
  wanted && { targetArn: wanted.targetArn, payloadVersion: wanted.payloadVersion };

/** AWS keeps five versions at most. */
async function deleteOldVersions(ctx: Context, templateName: string): Promise<void> {
  const client = ctx.client(IoTClient);
  const { versions = [] } = await client.send(new ListProvisioningTemplateVersionsCommand({ templateName }));
  for (const { versionId, isDefaultVersion } of versions) {
    if (!isDefaultVersion) {
      await client.send(new DeleteProvisioningTemplateVersionCommand({ templateName, versionId }));
    }
  }
}
