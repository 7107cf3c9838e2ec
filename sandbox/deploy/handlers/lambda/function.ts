import { isDeepStrictEqual } from "node:util";
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  type FunctionCode,
  type FunctionConfiguration,
  GetFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  paginateListVersionsByFunction,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { lambda } from "@pulumi/aws";
import { assertRealSdk } from "../../../ministack/realSdk";
import { sha256Base64, zipArchive, zipText } from "../../assets";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { updateTags } from "../../tags";
import { until } from "../../until";

type Function = Inputs<lambda.FunctionArgs>;

export const lambdaFunction: ResourceHandler<lambda.FunctionArgs, lambda.FunctionState> = {
  autoName: { property: "name", maxLength: 64 },
  tagged: true,
  replaceOn: ["name", "packageType"],
  volatile: [
    "version",
    "qualifiedArn",
    "qualifiedInvokeArn",
    "codeSha256",
    "sourceCodeHash",
    "sourceCodeSize",
    "lastModified",
  ],
  content: { inputs: ["code"], hash: "codeSha256" },

  async create(inputs, ctx) {
    const name = inputs.name!;
    await ctx.client(LambdaClient).send(
      new CreateFunctionCommand({
        FunctionName: name,
        Code: await code(inputs),
        PackageType: inputs.packageType as CreateFunctionCommandInput["PackageType"],
        Architectures: inputs.architectures as CreateFunctionCommandInput["Architectures"],
        Publish: inputs.publish,
        Tags: inputs.tagsAll,
        ...configuration(inputs),
      }),
    );
    const finish = async () => {
      if (inputs.reservedConcurrentExecutions !== undefined) {
        await setConcurrency(ctx, name, inputs.reservedConcurrentExecutions);
      }
    };
    return { id: name, finish, settled: settled(ctx, name) };
  },

  async read(FunctionName, state, ctx) {
    const found = await orGone(ctx.client(LambdaClient).send(new GetFunctionCommand({ FunctionName })));
    const config = found?.Configuration;
    if (!config) return undefined;
    return {
      ...described(config, await latestVersion(ctx, FunctionName), ctx, state.publish === true),
      reservedConcurrentExecutions: found.Concurrency?.ReservedConcurrentExecutions ?? -1,
      tagsAll: found.Tags ?? {},
    };
  },

  async update(FunctionName, news, olds, ctx) {
    const client = ctx.client(LambdaClient);
    const fresh = await code(news);
    const hasNewCode = fresh.ZipFile === undefined || sha256Base64(fresh.ZipFile) !== olds.codeSha256;
    const hasNewSettings = !isDeepStrictEqual(configuration(news), configuration(olds as Function));
    if (hasNewCode) {
      await client.send(
        new UpdateFunctionCodeCommand({
          FunctionName,
          ...fresh,
          Architectures: news.architectures as CreateFunctionCommandInput["Architectures"],
        }),
      );
      await settled(ctx, FunctionName);
    }
    if (hasNewSettings) {
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...configuration(news) }));
      await settled(ctx, FunctionName);
    }
    if (news.reservedConcurrentExecutions !== olds.reservedConcurrentExecutions) {
      await setConcurrency(ctx, FunctionName, news.reservedConcurrentExecutions);
    }
    if (news.publish && (hasNewCode || hasNewSettings || !olds.publish)) {
      await client.send(new PublishVersionCommand({ FunctionName }));
    }
    const Resource = olds.arn;
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (Tags) => client.send(new TagResourceCommand({ Resource, Tags })),
      remove: (TagKeys) => client.send(new UntagResourceCommand({ Resource, TagKeys })),
    });
  },

  async delete(FunctionName, _state, ctx) {
    await orGone(ctx.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName })));
  },
};

async function code(inputs: Function): Promise<FunctionCode> {
  if (inputs.imageUri) return { ImageUri: inputs.imageUri };
  if (inputs.s3Bucket) {
    return { S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key, S3ObjectVersion: inputs.s3ObjectVersion };
  }
  if (inputs.code === undefined) throw new Error("the function has no `code`; give it an archive");
  const ZipFile = await zipArchive(inputs.code);
  if (inputs.runtime?.startsWith("nodejs")) {
    assertRealSdk(inputs.name!, zipText(ZipFile, /^(?!.*node_modules\/).*\.[cm]?js$/));
  }
  return { ZipFile };
}

/** What CreateFunction and UpdateFunctionConfiguration share; said in full, so that an update can take away. */
function configuration(inputs: Function) {
  const { loggingConfig: logging, vpcConfig: vpc } = inputs;
  return {
    Role: inputs.role,
    Handler: inputs.handler,
    Runtime: inputs.runtime as CreateFunctionCommandInput["Runtime"],
    Description: inputs.description ?? "",
    Timeout: inputs.timeout ?? 3,
    MemorySize: inputs.memorySize ?? 128,
    Environment: { Variables: inputs.environment?.variables ?? {} },
    Layers: inputs.layers ?? [],
    DeadLetterConfig: { TargetArn: inputs.deadLetterConfig?.targetArn ?? "" },
    TracingConfig: { Mode: (inputs.tracingConfig?.mode ?? "PassThrough") as "Active" | "PassThrough" },
    EphemeralStorage: { Size: inputs.ephemeralStorage?.size ?? 512 },
    KMSKeyArn: inputs.kmsKeyArn ?? "",
    ...(logging && {
      LoggingConfig: {
        LogFormat: logging.logFormat as "JSON" | "Text",
        ApplicationLogLevel: logging.applicationLogLevel as "INFO" | undefined,
        SystemLogLevel: logging.systemLogLevel as "INFO" | undefined,
        LogGroup: logging.logGroup,
      },
    }),
    ...(vpc && {
      VpcConfig: {
        SubnetIds: vpc.subnetIds,
        SecurityGroupIds: vpc.securityGroupIds,
        Ipv6AllowedForDualStack: vpc.ipv6AllowedForDualStack,
      },
    }),
    ...(inputs.snapStart && { SnapStart: { ApplyOn: inputs.snapStart.applyOn as "PublishedVersions" | "None" } }),
  };
}

/** A function takes no further call while its last change is under way. */
async function settled(ctx: Context, FunctionName: string): Promise<void> {
  await until(
    `function ${FunctionName} being ready`,
    async () => (await ctx.client(LambdaClient).send(new GetFunctionCommand({ FunctionName }))).Configuration,
    (config) => config?.State !== "Pending" && config?.LastUpdateStatus !== "InProgress",
  );
}

async function setConcurrency(ctx: Context, FunctionName: string, reserved: number | undefined): Promise<void> {
  if (reserved === undefined || reserved < 0) {
    await orGone(ctx.client(LambdaClient).send(new DeleteFunctionConcurrencyCommand({ FunctionName })));
  } else {
    await ctx
      .client(LambdaClient)
      .send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }));
  }
}

/** The last version that was published; `$LATEST` when there is none. */
async function latestVersion(ctx: Context, FunctionName: string): Promise<string> {
  let latest = "$LATEST";
  for await (const { Versions = [] } of paginateListVersionsByFunction(
    { client: ctx.client(LambdaClient) },
    { FunctionName },
  )) {
    latest = Versions.at(-1)?.Version ?? latest;
  }
  return latest;
}

function described(config: FunctionConfiguration, version: string, ctx: Context, published: boolean) {
  const arn = config.FunctionArn!;
  const qualifiedArn = `${arn}:${version}`;
  return {
    name: config.FunctionName,
    arn,
    version,
    qualifiedArn,
    invokeArn: invokeArn(ctx, arn),
    qualifiedInvokeArn: invokeArn(ctx, qualifiedArn),
    responseStreamingInvokeArn: `arn:aws:apigateway:${ctx.region}:lambda:path/2021-11-15/functions/${arn}/response-streaming-invocations`,
    publish: published,
    role: config.Role,
    handler: config.Handler,
    runtime: config.Runtime,
    description: config.Description,
    timeout: config.Timeout,
    memorySize: config.MemorySize,
    packageType: config.PackageType ?? "Zip",
    architectures: config.Architectures ?? ["x86_64"],
    environment: { variables: config.Environment?.Variables ?? {} },
    tracingConfig: { mode: config.TracingConfig?.Mode ?? "PassThrough" },
    ephemeralStorage: { size: config.EphemeralStorage?.Size ?? 512 },
    layers: config.Layers?.map((layer) => layer.Arn!),
    kmsKeyArn: config.KMSKeyArn,
    lastModified: config.LastModified,
    codeSha256: config.CodeSha256,
    sourceCodeHash: config.CodeSha256,
    sourceCodeSize: config.CodeSize,
    deadLetterConfig: config.DeadLetterConfig?.TargetArn ? { targetArn: config.DeadLetterConfig.TargetArn } : undefined,
    loggingConfig: config.LoggingConfig && {
      logFormat: config.LoggingConfig.LogFormat ?? "Text",
      logGroup: config.LoggingConfig.LogGroup,
      applicationLogLevel: config.LoggingConfig.ApplicationLogLevel,
      systemLogLevel: config.LoggingConfig.SystemLogLevel,
    },
  };
}

/** What API Gateway is given to call a function. */
export function invokeArn(ctx: Context, functionArn: string): string {
  return `arn:aws:apigateway:${ctx.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}
