import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import type { lambda } from "@pulumi/aws";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { updateTags } from "../../tags";
import { until } from "../../until";

/** A queue or stream that calls a function. */
export const eventSourceMapping: ResourceHandler<lambda.EventSourceMappingArgs, lambda.EventSourceMappingState> = {
  tagged: true,
  replaceOn: ["eventSourceArn", "startingPosition", "startingPositionTimestamp"],

  async create(inputs, ctx) {
    const { UUID } = await ctx.client(LambdaClient).send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: inputs.eventSourceArn,
        StartingPosition: inputs.startingPosition as CreateEventSourceMappingCommandInput["StartingPosition"],
        StartingPositionTimestamp: inputs.startingPositionTimestamp
          ? new Date(inputs.startingPositionTimestamp)
          : undefined,
        Tags: inputs.tagsAll,
        ...settings(inputs),
      }),
    );
    await settled(ctx, UUID!);
    return UUID!;
  },

  async read(UUID, state, ctx) {
    const found = await describe(ctx, UUID);
    if (!found || found.State === "Deleting") return undefined;
    const arn = found.EventSourceMappingArn ?? ctx.arn("lambda", `event-source-mapping:${UUID}`);
    const tags = await orGone(ctx.client(LambdaClient).send(new ListTagsCommand({ Resource: arn })));
    const onFailure = found.DestinationConfig?.OnFailure?.Destination;
    return {
      uuid: UUID,
      arn,
      functionArn: found.FunctionArn,
      // Programs name the function by name or by ARN; either is the same function.
      functionName: found.FunctionArn?.endsWith(`:${state.functionName}`) ? state.functionName : found.FunctionArn,
      eventSourceArn: found.EventSourceArn,
      state: found.State,
      stateTransitionReason: found.StateTransitionReason,
      lastModified: found.LastModified?.toISOString(),
      lastProcessingResult: found.LastProcessingResult,
      enabled: found.State === "Enabled" || found.State === "Enabling",
      batchSize: found.BatchSize,
      bisectBatchOnFunctionError: found.BisectBatchOnFunctionError,
      functionResponseTypes: found.FunctionResponseTypes,
      maximumBatchingWindowInSeconds: found.MaximumBatchingWindowInSeconds,
      maximumRecordAgeInSeconds: found.MaximumRecordAgeInSeconds,
      maximumRetryAttempts: found.MaximumRetryAttempts,
      parallelizationFactor: found.ParallelizationFactor,
      tumblingWindowInSeconds: found.TumblingWindowInSeconds,
      startingPosition: found.StartingPosition,
      destinationConfig: onFailure ? { onFailure: { destinationArn: onFailure } } : undefined,
      filterCriteria: {
        filters: found.FilterCriteria?.Filters?.map(({ Pattern }) => ({ pattern: Pattern })) ?? [],
      },
      scalingConfig: found.ScalingConfig?.MaximumConcurrency
        ? { maximumConcurrency: found.ScalingConfig.MaximumConcurrency }
        : undefined,
      ...(tags && { tagsAll: tags.Tags ?? {} }),
    };
  },

  async update(UUID, news, olds, ctx) {
    await ctx.client(LambdaClient).send(new UpdateEventSourceMappingCommand({ UUID, ...settings(news) }));
    await settled(ctx, UUID);
    const Resource = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (Tags) => ctx.client(LambdaClient).send(new TagResourceCommand({ Resource, Tags })),
      remove: (TagKeys) => ctx.client(LambdaClient).send(new UntagResourceCommand({ Resource, TagKeys })),
    });
  },

  async delete(UUID, _state, ctx) {
    await orGone(ctx.client(LambdaClient).send(new DeleteEventSourceMappingCommand({ UUID })));
    await until(
      `the deletion of mapping ${UUID}`,
      () => describe(ctx, UUID),
      (found) => found === undefined,
    );
  },
};

function settings(inputs: Inputs<lambda.EventSourceMappingArgs>) {
  const onFailure = inputs.destinationConfig?.onFailure?.destinationArn;
  return {
    FunctionName: inputs.functionName,
    Enabled: inputs.enabled ?? true,
    BatchSize: inputs.batchSize,
    BisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError,
    DestinationConfig: { OnFailure: onFailure ? { Destination: onFailure } : {} },
    FilterCriteria: { Filters: inputs.filterCriteria?.filters?.map(({ pattern }) => ({ Pattern: pattern })) ?? [] },
    FunctionResponseTypes: (inputs.functionResponseTypes ?? []) as "ReportBatchItemFailures"[],
    KMSKeyArn: inputs.kmsKeyArn,
    MaximumBatchingWindowInSeconds: inputs.maximumBatchingWindowInSeconds,
    MaximumRecordAgeInSeconds: inputs.maximumRecordAgeInSeconds,
    MaximumRetryAttempts: inputs.maximumRetryAttempts,
    ParallelizationFactor: inputs.parallelizationFactor,
    TumblingWindowInSeconds: inputs.tumblingWindowInSeconds,
    ...(inputs.scalingConfig && { ScalingConfig: { MaximumConcurrency: inputs.scalingConfig.maximumConcurrency } }),
    ...(inputs.metricsConfig && { MetricsConfig: { Metrics: inputs.metricsConfig.metrics as "EventCount"[] } }),
  };
}

const describe = (ctx: Context, UUID: string) =>
  orGone(ctx.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID })));

async function settled(ctx: Context, UUID: string): Promise<void> {
  await until(
    `mapping ${UUID} being ready`,
    () => describe(ctx, UUID),
    (found) => !/ing$/.test(found?.State ?? ""),
  );
}
