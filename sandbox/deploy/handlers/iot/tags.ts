import { IoTClient, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-iot";
import type { Context } from "../../context";
import { tagList, tagMap, updateTags } from "../../tags";

/** The tags on a resource of AWS IoT. */
export async function readTags(ctx: Context, resourceArn: string | undefined): Promise<Record<string, string>> {
  const { tags } = await ctx.client(IoTClient).send(new ListTagsForResourceCommand({ resourceArn }));
  return tagMap(tags);
}

/** Brings the tags of a resource of AWS IoT from one set to another. */
export async function changeTags(
  ctx: Context,
  resourceArn: string | undefined,
  olds: Record<string, string> | undefined,
  news: Record<string, string> | undefined,
): Promise<void> {
  await updateTags(olds, news, {
    set: (tags) => ctx.client(IoTClient).send(new TagResourceCommand({ resourceArn, tags: tagList(tags) })),
    remove: (tagKeys) => ctx.client(IoTClient).send(new UntagResourceCommand({ resourceArn, tagKeys })),
  });
}
