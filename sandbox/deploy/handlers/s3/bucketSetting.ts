import type { Context } from "../../context";
import { orGone } from "../../context";
import type { Inputs, Outputs, ResourceHandler } from "../../handler";

/** Something that is set on a bucket, of which a bucket has one: its id is the bucket's name. */
export function bucketSetting<Args extends { bucket: unknown }, State extends { bucket?: unknown }>(setting: {
  put(bucket: string, inputs: Inputs<Args>, ctx: Context): Promise<unknown>;
  read(bucket: string, ctx: Context): Promise<object | "" | undefined>;
  remove(bucket: string, ctx: Context): Promise<unknown>;
}): ResourceHandler<Args, State> {
  return {
    replaceOn: ["bucket"],
    notAtCreate: ["expectedBucketOwner", "skipDestroy"] as never,

    async create(inputs, ctx) {
      const bucket = inputs.bucket as string;
      await setting.put(bucket, inputs, ctx);
      return bucket;
    },

    async read(bucket, _state, ctx) {
      const found = await setting.read(bucket, ctx);
      return found ? ({ bucket, ...found } as unknown as Outputs<State>) : undefined;
    },

    async update(bucket, news, _olds, ctx) {
      await setting.put(bucket, news, ctx);
    },

    async delete(bucket, state, ctx) {
      if ((state as { skipDestroy?: boolean }).skipDestroy) return;
      await orGone(setting.remove(bucket, ctx));
    },
  };
}
