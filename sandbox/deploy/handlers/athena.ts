import {
  AthenaClient,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  type EncryptionOption,
  GetWorkGroupCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateWorkGroupCommand,
  type WorkGroupConfiguration,
  type WorkGroupState,
} from "@aws-sdk/client-athena";
import type { athena } from "@pulumi/aws";
import { orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { tagList, tagMap, updateTags } from "../tags";

/** Athena's word for "there is no such workgroup". */
const gone = "InvalidRequestException";

const workgroup: ResourceHandler<athena.WorkgroupArgs, athena.WorkgroupState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name"],
  notAtCreate: ["forceDestroy"],

  async create(inputs, ctx) {
    await ctx.client(AthenaClient).send(
      new CreateWorkGroupCommand({
        Name: inputs.name,
        Description: inputs.description,
        Configuration: configuration(inputs),
        Tags: tagList(inputs.tagsAll),
      }),
    );
    const finish = async () => {
      if (inputs.state !== "DISABLED") return;
      await ctx.client(AthenaClient).send(new UpdateWorkGroupCommand({ WorkGroup: inputs.name, State: "DISABLED" }));
    };
    return { id: inputs.name as string, finish };
  },

  async read(WorkGroup, _state, ctx) {
    const client = ctx.client(AthenaClient);
    const found = (await orGone(client.send(new GetWorkGroupCommand({ WorkGroup })), gone))?.WorkGroup;
    if (!found) return undefined;
    const arn = ctx.arn("athena", `workgroup/${WorkGroup}`);
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
    const { ResultConfiguration: result, ...rest } = found.Configuration ?? {};
    return {
      arn,
      name: WorkGroup,
      description: found.Description ?? "",
      state: found.State,
      configuration: {
        enforceWorkgroupConfiguration: rest.EnforceWorkGroupConfiguration,
        publishCloudwatchMetricsEnabled: rest.PublishCloudWatchMetricsEnabled,
        bytesScannedCutoffPerQuery: rest.BytesScannedCutoffPerQuery,
        resultConfiguration: result && {
          outputLocation: result.OutputLocation,
          encryptionConfiguration: result.EncryptionConfiguration && {
            encryptionOption: result.EncryptionConfiguration.EncryptionOption,
            kmsKeyArn: result.EncryptionConfiguration.KmsKey,
          },
        },
      },
      tagsAll: tagMap(Tags),
    };
  },

  async update(WorkGroup, news, olds, ctx) {
    const client = ctx.client(AthenaClient);
    const { ResultConfiguration: result, ...rest } = configuration(news) ?? {};
    await client.send(
      new UpdateWorkGroupCommand({
        WorkGroup,
        Description: news.description ?? "",
        State: (news.state ?? "ENABLED") as WorkGroupState,
        ConfigurationUpdates: {
          ...rest,
          RemoveBytesScannedCutoffPerQuery: rest.BytesScannedCutoffPerQuery === undefined,
          ResultConfigurationUpdates: result,
        },
      }),
    );
    const ResourceARN = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) })),
      remove: (TagKeys) => client.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
    });
  },

  async delete(WorkGroup, state, ctx) {
    const RecursiveDeleteOption = state.forceDestroy;
    await orGone(ctx.client(AthenaClient).send(new DeleteWorkGroupCommand({ WorkGroup, RecursiveDeleteOption })), gone);
  },
};

function configuration(inputs: Inputs<athena.WorkgroupArgs>): WorkGroupConfiguration | undefined {
  const said = inputs.configuration;
  const result = said?.resultConfiguration;
  const encryption = result?.encryptionConfiguration;
  return (
    said && {
      EnforceWorkGroupConfiguration: said.enforceWorkgroupConfiguration,
      PublishCloudWatchMetricsEnabled: said.publishCloudwatchMetricsEnabled,
      BytesScannedCutoffPerQuery: said.bytesScannedCutoffPerQuery,
      ResultConfiguration: result && {
        OutputLocation: result.outputLocation,
        EncryptionConfiguration: encryption && {
          EncryptionOption: encryption.encryptionOption as EncryptionOption,
          KmsKey: encryption.kmsKeyArn,
        },
      },
    }
  );
}

export const handlers: Handlers = { "aws:athena/workgroup:Workgroup": workgroup };
