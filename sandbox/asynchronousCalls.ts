import { randomUUID } from "node:crypto";
import {
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type AwsTarget, awsConfig } from "./aws";
import { orGone } from "./deploy/context";
import type { AwsRequest, Fill } from "./fill";
import { isPassedOn, passOn } from "./passOn";
import { wait } from "./wait";

export interface AsynchronousCallsOptions extends AwsTarget {
  /** Seconds before the first retry; the next one waits twice as long. AWS waits about 60. */
  readonly retryBaseSeconds: number;
  readonly log?: (text: string) => void;
}

interface Call {
  readonly target: AwsTarget;
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly payload: Buffer;
}

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** A throttled call is not tried for ever: AWS gives up after six hours. */
const THROTTLED_FOR_MS = 60_000;

/**
 * Asynchronous calls of functions. MiniStack has them, but for an alias it neither looks up the alias' own retries and
 * destination, nor counts what failed in the function's metric Errors. Here each attempt is a call that MiniStack
 * counts, and what fails for good goes where the qualifier's configuration says, by the function's own role.
 * Left to MiniStack: what it calls itself (S3 notifications), and calls that are signed by a role, since their signature
 * holds only for the request as it is.
 */
export function asynchronousCallsFill(options: AsynchronousCallsOptions): Fill {
  const { endpoint, log = () => {} } = options;
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  // One pool for all; a function may take 15 minutes, and each attempt is counted, so the SDK makes none of its own.
  const requestHandler = new NodeHttpHandler({ requestTimeout: 0 });
  const clients = <T>(type: new (config: object) => T, target: AwsTarget, more: object = {}): T =>
    new type({ ...awsConfig(target), useQueueUrlAsEndpoint: false, requestHandler, ...more });

  async function run(call: Call): Promise<void> {
    const { functionName: FunctionName, qualifier: Qualifier, target } = call;
    const lambda = clients(LambdaClient, target, { maxAttempts: 1 });
    const config = await orGone(lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier })));
    const retries = config?.MaximumRetryAttempts ?? 2;
    const begin = Date.now();
    for (let attempt = 1; ; ) {
      const result = await invoke(lambda, call);
      if (result !== "throttled" && !result.FunctionError) return;
      const done = result === "throttled" ? Date.now() - begin > THROTTLED_FOR_MS : attempt > retries;
      if (done) {
        const { OnFailure } = config?.DestinationConfig ?? {};
        if (OnFailure?.Destination) await report(call, lambda, OnFailure.Destination, attempt, result);
        return;
      }
      await wait(options.retryBaseSeconds * 1000 * 2 ** (attempt - 1), stop.signal);
      if (stop.signal.aborted) return;
      if (result !== "throttled") attempt += 1;
    }
  }

  async function invoke(lambda: LambdaClient, call: Call): Promise<InvokeCommandOutput | "throttled"> {
    const { functionName: FunctionName, qualifier: Qualifier, payload: Payload } = call;
    try {
      return await lambda.send(new InvokeCommand({ FunctionName, Qualifier, Payload }));
    } catch (error) {
      if ((error as Error).name === "TooManyRequestsException") return "throttled";
      throw error;
    }
  }

  /** As the function's role, which on AWS needs the right to send, too. */
  async function report(
    { target, functionName, qualifier, payload }: Call,
    lambda: LambdaClient,
    destination: string,
    calls: number,
    result: InvokeCommandOutput | "throttled",
  ): Promise<void> {
    const { Role, FunctionArn } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: qualifier }),
    );
    const { Credentials } = await clients(STSClient, target).send(
      new AssumeRoleCommand({ RoleArn: Role, RoleSessionName: "on-failure-destination" }),
    );
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken } = Credentials ?? {};
    const credentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    const answer = result === "throttled" ? undefined : result;
    const body = JSON.stringify({
      version: "1.0",
      timestamp: new Date().toISOString(),
      requestContext: {
        requestId: randomUUID(),
        functionArn: `${FunctionArn?.split(":").slice(0, 7).join(":")}:${qualifier ?? "$LATEST"}`,
        condition: answer ? "RetriesExhausted" : "EventAgeExceeded",
        approximateInvokeCount: calls,
      },
      requestPayload: json(payload),
      ...(answer && {
        responseContext: {
          statusCode: 200,
          executedVersion: answer.ExecutedVersion,
          functionError: answer.FunctionError,
        },
        responsePayload: json(Buffer.from(answer.Payload ?? [])),
      }),
    });
    const [, , service, , account, name] = destination.split(":");
    if (service === "sqs") {
      const QueueUrl = `${endpoint}/${account}/${name}`;
      await clients(SQSClient, target, { credentials }).send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    } else if (service === "sns") {
      const command = new PublishCommand({ TopicArn: destination, Message: body });
      await clients(SNSClient, target, { credentials }).send(command);
    } else throw new Error(`the local cloud sends failures to SQS and SNS, not to ${destination}`);
  }

  return {
    name: "Asynchronous calls of functions",
    takes: (request) =>
      request.service === "lambda" &&
      request.method === "POST" &&
      request.headers["x-amz-invocation-type"] === "Event" &&
      INVOCATIONS.test(request.path) &&
      /^\d{12}$/.test(request.accessKeyId) &&
      !isPassedOn(request),

    async answer(request) {
      // MiniStack decides whether there is such a function; a dry run runs nothing.
      const allowed = await passOn(endpoint, { ...request, headers: dryRun(request) });
      if (allowed.status !== 204) return allowed;
      const work = run(callOf(request, options))
        .catch((error) => {
          if (!stop.signal.aborted) log(`Asynchronous call ${request.path}: ${(error as Error).message}`);
        })
        .finally(() => underWay.delete(work));
      underWay.add(work);
      return { status: 202, headers: allowed.headers };
    },

    async close() {
      stop.abort();
      requestHandler.destroy();
      await Promise.all(underWay);
    },
  };
}

const dryRun = ({ headers }: AwsRequest) => ({ ...headers, "x-amz-invocation-type": "DryRun" });

function callOf({ path, query, accessKeyId, region, body }: AwsRequest, options: AsynchronousCallsOptions): Call {
  const reference = INVOCATIONS.exec(path)?.[1] ?? "";
  const [, functionName = "", inName] = /^(?:(?:arn:.*:)?function:)?([^:]+)(?::([^:]+))?$/.exec(reference) ?? [];
  return {
    target: {
      endpoint: options.endpoint,
      accountId: accessKeyId,
      region: region || options.region,
    },
    functionName,
    qualifier: inName ?? query.get("Qualifier") ?? undefined,
    payload: body,
  };
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return bytes.toString("utf8");
  }
}
