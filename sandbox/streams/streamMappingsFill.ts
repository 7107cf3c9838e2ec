import { randomUUID } from "node:crypto";
import { isStream, PatternError } from "../../common/streams";
import type { AwsTarget } from "../aws";
import type { AwsRequest, AwsResponse, Fill } from "../fill";
import { isPassedOn, passOn } from "../passOn";
import { StreamMapping } from "./mapping";
import { meansFor } from "./meansFor";
import { InvalidMappingError, type MappingRequest, readSettings } from "./settings";

export interface StreamMappingsOptions extends AwsTarget {
  /** Seconds before the first retry of a batch; each further one waits twice as long, up to a minute. */
  readonly retryBaseSeconds: number;
  readonly log?: (text: string) => void;
}

interface Kept {
  readonly uuid: string;
  readonly arn: string;
  readonly mapping: StreamMapping;
  readonly tags: Record<string, string>;
  readonly close: () => void;
  request: MappingRequest;
  enabled: boolean;
  lastModified: number;
}

/** @returns the mapping's UUID of `/2015-03-31/event-source-mappings/<UUID>`, "" for all of them, undefined for other paths */
function mappingPath(path: string): string | undefined {
  return /^\/2015-03-31\/event-source-mappings\/?([^/]*)\/?$/.exec(path)?.[1];
}

const TAGS = "/2017-03-31/tags/";

/**
 * Event source mappings of streams, of Kinesis and of tables. MiniStack has them, but stores and ignores their retry limit,
 * halving, partial responses and, of Kinesis, age limit and destination: a poison batch blocks its shard for ever, and a record that
 * a function hands back is lost. Everything else about mappings, those of queues among it, is passed on.
 */
export function streamMappingsFill(options: StreamMappingsOptions): Fill {
  const { endpoint, log = () => {} } = options;
  const kept = new Map<string, Kept>();
  let closed = false;
  const ofTags = (path: string) =>
    path.startsWith(TAGS) ? [...kept.values()].find(({ arn }) => arn === path.slice(TAGS.length)) : undefined;

  async function create(request: AwsRequest, body: MappingRequest): Promise<object> {
    const accountId = /^\d{12}$/.test(request.accessKeyId) ? request.accessKeyId : options.accountId;
    const target = { endpoint, accountId, region: request.region || options.region };
    const means = await meansFor(target, body, options.retryBaseSeconds, log);
    const settings = readSettings(body, means.functionArn);
    const mapping = new StreamMapping(settings, means);
    const opened = means.mayRead().then(() => mapping.open());
    await opened.catch((error) => {
      throw new InvalidMappingError(
        `Cannot access stream ${settings.streamArn}. Please ensure the role ${means.roleArn} can perform the GetRecords, ` +
          `GetShardIterator, DescribeStream and List* Actions on your stream in IAM: ${error}`,
      );
    });
    if (closed) {
      means.close();
      throw new Error("the local cloud ends");
    }
    const uuid = randomUUID();
    const one: Kept = {
      uuid,
      arn: `arn:aws:lambda:${target.region}:${accountId}:event-source-mapping:${uuid}`,
      mapping,
      tags: { ...(body.Tags as Record<string, string> | undefined) },
      close: means.close,
      request: body,
      enabled: body.Enabled !== false,
      lastModified: Date.now() / 1000,
    };
    kept.set(uuid, one);
    if (one.enabled) mapping.start();
    return describe(one);
  }

  async function update(one: Kept, body: MappingRequest): Promise<object> {
    const request = { ...one.request, ...body };
    const settings = readSettings(request, one.mapping.settings.functionArn);
    Object.assign(one, { request, enabled: request.Enabled !== false, lastModified: Date.now() / 1000 });
    await one.mapping.stop();
    one.mapping.settings = settings;
    // Since then it may have been changed again, deleted, or ended with the local cloud.
    if (one.enabled && kept.has(one.uuid)) one.mapping.start();
    return describe(one);
  }

  async function remove(one: Kept): Promise<object> {
    kept.delete(one.uuid);
    await one.mapping.stop();
    one.close();
    return { ...describe(one), State: "Deleting" };
  }

  async function list(request: AwsRequest): Promise<AwsResponse> {
    const answer = await passOn(endpoint, request);
    if (answer.status !== 200 || request.query.has("Marker")) return answer;
    const [source, name] = [request.query.get("EventSourceArn"), request.query.get("FunctionName")];
    const own = [...kept.values()]
      .map(describe)
      .filter(({ EventSourceArn }) => source === null || EventSourceArn === source)
      .filter(({ FunctionArn }) => name === null || FunctionArn === name || FunctionArn.split(":")[6] === name);
    const { EventSourceMappings = [], ...rest } = JSON.parse(String(answer.body));
    return { status: 200, body: { ...rest, EventSourceMappings: [...EventSourceMappings, ...own] } };
  }

  function tag(one: Kept, { method, query }: AwsRequest, body: MappingRequest): AwsResponse {
    if (method === "POST") Object.assign(one.tags, body.Tags);
    if (method === "DELETE") for (const key of query.getAll("tagKeys")) delete one.tags[key];
    return method === "GET" ? { status: 200, body: { Tags: one.tags } } : { status: 204 };
  }

  async function answer(request: AwsRequest): Promise<AwsResponse> {
    const { method, path } = request;
    const body: MappingRequest = request.body.length > 0 ? JSON.parse(request.body.toString("utf8")) : {};
    const tagged = ofTags(path);
    if (tagged) return tag(tagged, request, body);
    const one = kept.get(mappingPath(path) ?? "");
    if (one && method === "GET") return { status: 200, body: describe(one) };
    if (one && method === "PUT") return { status: 202, body: await update(one, body) };
    if (one && method === "DELETE") return { status: 202, body: await remove(one) };
    if (method === "GET") return list(request);
    if (!isStream(String(body.EventSourceArn))) return passOn(endpoint, request);
    return { status: 202, body: await create(request, body) };
  }

  return {
    name: "event source mappings of streams",
    takes: (request) => {
      if (request.service !== "lambda" || isPassedOn(request)) return false;
      const uuid = mappingPath(request.path);
      if (uuid === undefined) return ofTags(request.path) !== undefined;
      return uuid === "" ? request.method === "POST" || request.method === "GET" : kept.has(uuid);
    },
    answer: (request) =>
      answer(request).catch((error) => {
        const invalid = error instanceof InvalidMappingError || error instanceof PatternError;
        const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
        if (!invalid && $metadata?.httpStatusCode === undefined) throw error;
        return {
          status: invalid ? 400 : ($metadata?.httpStatusCode as number),
          headers: { "x-amzn-errortype": invalid ? "InvalidParameterValueException" : name },
          body: { Type: "User", message },
        };
      }),
    async close() {
      closed = true;
      const closing = [...kept.values()];
      kept.clear();
      await Promise.all(closing.map(({ mapping }) => mapping.stop()));
      for (const { close } of closing) close();
    },
  };
}

function describe(one: Kept) {
  const { uuid, arn, request, enabled, lastModified, mapping } = one;
  const { FunctionName: _, Enabled: __, Tags: ___, ...said } = request;
  const { settings } = mapping;
  return {
    ParallelizationFactor: 1,
    ...said,
    UUID: uuid,
    EventSourceMappingArn: arn,
    EventSourceArn: settings.streamArn,
    FunctionArn: settings.functionArn,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.batchingWindow,
    MaximumRetryAttempts: settings.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: settings.maximumRecordAge,
    BisectBatchOnFunctionError: settings.bisect,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: (request.FunctionResponseTypes ?? []) as string[],
    DestinationConfig: { OnFailure: settings.onFailure ? { Destination: settings.onFailure } : {} },
    State: enabled ? "Enabled" : "Disabled",
    StateTransitionReason: "User action",
    LastModified: lastModified,
    LastProcessingResult: mapping.lastProcessingResult,
  };
}
