import {
  DescribeEventConfigurationsCommand,
  type EventType,
  GetIndexingConfigurationCommand,
  IoTClient,
  type ThingGroupIndexingConfiguration,
  type ThingIndexingConfiguration,
  UpdateEventConfigurationsCommand,
  UpdateIndexingConfigurationCommand,
} from "@aws-sdk/client-iot";
import type { iot } from "@pulumi/aws";
import type { Context } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";

/*
 * Settings of the account and region: there is one of each, which always exists. To create is to set; to delete is to
 * set what AWS gives a new account - the AWS provider leaves them as they are, but then a test would leave traces.
 */

export const eventConfigurations: ResourceHandler<iot.EventConfigurationsArgs, iot.EventConfigurationsState> = {
  async create(inputs, ctx) {
    await setEvents(ctx, inputs.eventConfigurations);
    return ctx.region;
  },

  async read(_id, _state, ctx) {
    const { eventConfigurations: found = {} } = await ctx
      .client(IoTClient)
      .send(new DescribeEventConfigurationsCommand({}));
    return {
      eventConfigurations: Object.fromEntries(
        Object.entries(found).map(([event, setting]) => [event, setting?.Enabled ?? false]),
      ),
    };
  },

  update: (_id, news, _olds, ctx) => setEvents(ctx, news.eventConfigurations),

  delete: (_id, state, ctx) =>
    setEvents(ctx, Object.fromEntries(Object.keys(state.eventConfigurations ?? {}).map((event) => [event, false]))),
};

async function setEvents(ctx: Context, events: Record<string, boolean>): Promise<void> {
  await ctx.client(IoTClient).send(
    new UpdateEventConfigurationsCommand({
      eventConfigurations: Object.fromEntries(
        Object.entries(events).map(([event, Enabled]) => [event as EventType, { Enabled }]),
      ),
    }),
  );
}

export const indexingConfiguration: ResourceHandler<iot.IndexingConfigurationArgs, iot.IndexingConfigurationState> = {
  async create(inputs, ctx) {
    await setIndexing(ctx, inputs);
    return ctx.region;
  },

  async read(_id, _state, ctx) {
    const found = await ctx.client(IoTClient).send(new GetIndexingConfigurationCommand({}));
    // The names are the same on both sides.
    return {
      thingIndexingConfiguration: found.thingIndexingConfiguration,
      thingGroupIndexingConfiguration: found.thingGroupIndexingConfiguration,
    } as Awaited<ReturnType<typeof indexingConfiguration.read>>;
  },

  update: (_id, news, _olds, ctx) => setIndexing(ctx, news),

  delete: (_id, _state, ctx) =>
    setIndexing(ctx, {
      thingIndexingConfiguration: { thingIndexingMode: "OFF" },
      thingGroupIndexingConfiguration: { thingGroupIndexingMode: "OFF" },
    }),
};

async function setIndexing(ctx: Context, inputs: Inputs<iot.IndexingConfigurationArgs>): Promise<void> {
  await ctx.client(IoTClient).send(
    new UpdateIndexingConfigurationCommand({
      thingIndexingConfiguration: inputs.thingIndexingConfiguration as ThingIndexingConfiguration | undefined,
      thingGroupIndexingConfiguration: inputs.thingGroupIndexingConfiguration as
        | ThingGroupIndexingConfiguration
        | undefined,
    }),
  );
}
