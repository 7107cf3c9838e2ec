import { isDeepStrictEqual } from "node:util";
import {
  AttachThingPrincipalCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  CreateThingTypeCommand,
  DeleteThingCommand,
  DeleteThingGroupCommand,
  DeleteThingTypeCommand,
  DeprecateThingTypeCommand,
  DescribeThingCommand,
  DescribeThingGroupCommand,
  DescribeThingTypeCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListThingPrincipalsCommand,
  UpdateThingCommand,
  UpdateThingGroupCommand,
} from "@aws-sdk/client-iot";
import type { iot } from "@pulumi/aws";
import { orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { tagList } from "../../tags";
import { changeTags, readTags } from "./tags";

export const thing: ResourceHandler<iot.ThingArgs, iot.ThingState> = {
  autoName: { property: "name" },
  replaceOn: ["name"],

  async create(inputs, ctx) {
    await ctx.client(IoTClient).send(
      new CreateThingCommand({
        thingName: inputs.name,
        thingTypeName: inputs.thingTypeName,
        attributePayload: { attributes: inputs.attributes },
      }),
    );
    return inputs.name!;
  },

  async read(thingName, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new DescribeThingCommand({ thingName })));
    return (
      found && {
        arn: found.thingArn,
        name: found.thingName,
        defaultClientId: found.defaultClientId,
        attributes: found.attributes ?? {},
        thingTypeName: found.thingTypeName,
        version: found.version,
      }
    );
  },

  async update(thingName, news, olds, ctx) {
    await ctx.client(IoTClient).send(
      new UpdateThingCommand({
        thingName,
        thingTypeName: news.thingTypeName,
        removeThingType: olds.thingTypeName !== undefined && news.thingTypeName === undefined,
        // As the AWS provider has it: a change replaces all attributes, those set at run time too.
        ...(!isDeepStrictEqual(news.attributes, olds.attributes) && {
          attributePayload: { attributes: news.attributes ?? {} },
        }),
      }),
    );
  },

  async delete(thingName, _state, ctx) {
    await orGone(ctx.client(IoTClient).send(new DeleteThingCommand({ thingName })));
  },
};

export const thingType: ResourceHandler<iot.ThingTypeArgs, iot.ThingTypeState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "properties"],

  async create(inputs, ctx) {
    await ctx.client(IoTClient).send(
      new CreateThingTypeCommand({
        thingTypeName: inputs.name,
        thingTypeProperties: inputs.properties && {
          thingTypeDescription: inputs.properties.description,
          searchableAttributes: inputs.properties.searchableAttributes,
        },
        tags: tagList(inputs.tagsAll),
      }),
    );
    const finish = async () => {
      if (!inputs.deprecated) return;
      await ctx.client(IoTClient).send(new DeprecateThingTypeCommand({ thingTypeName: inputs.name }));
    };
    return { id: inputs.name!, finish };
  },

  async read(thingTypeName, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new DescribeThingTypeCommand({ thingTypeName })));
    if (!found) return undefined;
    const properties = found.thingTypeProperties;
    return {
      arn: found.thingTypeArn,
      name: found.thingTypeName,
      deprecated: found.thingTypeMetadata?.deprecated ?? false,
      properties: {
        description: properties?.thingTypeDescription,
        searchableAttributes: properties?.searchableAttributes ?? [],
      },
      tagsAll: await readTags(ctx, found.thingTypeArn),
    };
  },

  async update(thingTypeName, news, olds, ctx) {
    if ((news.deprecated ?? false) !== (olds.deprecated ?? false)) {
      const undoDeprecate = !news.deprecated;
      await ctx.client(IoTClient).send(new DeprecateThingTypeCommand({ thingTypeName, undoDeprecate }));
    }
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  async delete(thingTypeName, _state, ctx) {
    // AWS deletes deprecated types only (and makes one wait five minutes in between; MiniStack does not).
    await orGone(ctx.client(IoTClient).send(new DeprecateThingTypeCommand({ thingTypeName })));
    await orGone(ctx.client(IoTClient).send(new DeleteThingTypeCommand({ thingTypeName })));
  },
};

export const thingGroup: ResourceHandler<iot.ThingGroupArgs, iot.ThingGroupState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "parentGroupName"],

  async create(inputs, ctx) {
    await ctx.client(IoTClient).send(
      new CreateThingGroupCommand({
        thingGroupName: inputs.name,
        parentGroupName: inputs.parentGroupName,
        thingGroupProperties: groupProperties(inputs),
        tags: tagList(inputs.tagsAll),
      }),
    );
    return inputs.name!;
  },

  async read(thingGroupName, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new DescribeThingGroupCommand({ thingGroupName })));
    if (!found) return undefined;
    const { thingGroupProperties: properties, thingGroupMetadata: metadata } = found;
    const attributes = properties?.attributePayload?.attributes ?? {};
    return {
      arn: found.thingGroupArn,
      name: found.thingGroupName,
      version: found.version,
      parentGroupName: metadata?.parentGroupName,
      metadatas: [
        {
          creationDate: metadata?.creationDate?.toISOString(),
          parentGroupName: metadata?.parentGroupName,
          rootToParentGroups: metadata?.rootToParentThingGroups?.map(({ groupArn, groupName }) => ({
            groupArn,
            groupName,
          })),
        },
      ],
      properties: { description: properties?.thingGroupDescription, attributePayload: { attributes } },
      tagsAll: await readTags(ctx, found.thingGroupArn),
    };
  },

  async update(thingGroupName, news, olds, ctx) {
    await ctx
      .client(IoTClient)
      .send(new UpdateThingGroupCommand({ thingGroupName, thingGroupProperties: groupProperties(news) }));
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  async delete(thingGroupName, _state, ctx) {
    await orGone(ctx.client(IoTClient).send(new DeleteThingGroupCommand({ thingGroupName })));
  },
};

const groupProperties = ({ properties }: Inputs<iot.ThingGroupArgs>) => ({
  thingGroupDescription: properties?.description,
  attributePayload: { attributes: properties?.attributePayload?.attributes ?? {} },
});

export const thingPrincipalAttachment: ResourceHandler<
  iot.ThingPrincipalAttachmentArgs,
  iot.ThingPrincipalAttachmentState
> = {
  replaceOn: ["thing", "principal", "thingPrincipalType"],

  async create({ thing: thingName, principal, thingPrincipalType }, ctx) {
    await ctx.client(IoTClient).send(
      new AttachThingPrincipalCommand({
        thingName,
        principal,
        thingPrincipalType: thingPrincipalType as "EXCLUSIVE_THING" | "NON_EXCLUSIVE_THING" | undefined,
      }),
    );
    return `${thingName}|${principal}`;
  },

  async read(id, _state, ctx) {
    const [thingName, principal] = id.split("|") as [string, string];
    const found = await orGone(ctx.client(IoTClient).send(new ListThingPrincipalsCommand({ thingName })));
    return found?.principals?.includes(principal) ? { thing: thingName, principal } : undefined;
  },

  async delete(id, _state, ctx) {
    const [thingName, principal] = id.split("|") as [string, string];
    await orGone(ctx.client(IoTClient).send(new DetachThingPrincipalCommand({ thingName, principal })));
  },
};
