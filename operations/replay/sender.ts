import { randomUUID } from "node:crypto";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { dataEndpointOf } from "../dataEndpoint";
import type { Place } from "../place";
import { replaysAttribute } from "./failureQueue";
import { type BatchedFailure, type Failure, nameOf, reasonOf } from "./failures";
import { StreamRecords } from "./streamRecords";

/** What came of sending something again. */
export type Sent =
  /** It was done. */
  | { readonly result: "done" }
  /** It was handed over; whether it was done shows later, or by its coming back. */
  | { readonly result: "sent" }
  | { readonly result: "failed"; readonly reason: string; readonly response: unknown };

/** Sends failures again to where they came from. */
export class Sender {
  private readonly lambda: LambdaClient;
  private readonly sqs: SQSClient;
  private readonly streams: StreamRecords;
  private data: Promise<IoTDataPlaneClient> | undefined;

  constructor(private readonly place: Pick<Place, "aws" | "local">) {
    // A function may take fifteen minutes, and is not to be called twice for one message.
    const requestHandler = new NodeHttpHandler({ requestTimeout: 0 });
    this.lambda = new LambdaClient({ ...place.aws, maxAttempts: 1, requestHandler });
    this.sqs = new SQSClient(place.aws);
    this.streams = new StreamRecords(place.aws, this.lambda);
  }

  /** @throws Error when it could not be sent at all; then nothing has changed */
  async send(failure: Failure, replays: number): Promise<Sent> {
    switch (failure.kind) {
      case "call":
        return this.call(failure.functionArn, failure.payload);
      case "batched":
        return this.batched(failure);
      case "stream":
        return this.call(failure.functionArn, { Records: await this.streams.read(failure) });
      case "rule": {
        const data = await this.dataPlane();
        const { ruleName, topic, payload } = failure;
        // By Basic Ingest: to this rule only, for the others had the message; and reserved topics can't be published on.
        await data.send(new PublishCommand({ topic: `$aws/rules/${ruleName}/${topic}`, qos: 1, payload }));
        return { result: "sent" };
      }
      case "raw":
        if (failure.targetArn.split(":")[2] === "lambda") return this.call(failure.targetArn, JSON.parse(failure.body));
        return this.enqueue(failure.targetArn, failure.body, replays);
      case "unknown":
        throw new Error(failure.reason);
    }
  }

  async close(): Promise<void> {
    this.lambda.destroy();
    this.sqs.destroy();
    (await this.data)?.destroy();
  }

  /**
   * Calls a function, by its name or ARN. Not asynchronously, as it may have come the first time: so what comes of it is known
   * at once, and a message that fails again never leaves its queue. The version is the one that is live now, whatever was when it failed.
   */
  async call(functionArn: string, payload: unknown): Promise<Sent> {
    const { FunctionError, Payload } = await this.lambda.send(
      new InvokeCommand({
        FunctionName: nameOf(functionArn),
        Qualifier: "live",
        Payload: Buffer.from(JSON.stringify(payload ?? null)),
      }),
    );
    const text = Buffer.from(Payload ?? []).toString("utf8");
    const response: unknown = text === "" ? undefined : JSON.parse(text);
    if (FunctionError) return { result: "failed", reason: reasonOf(response) ?? FunctionError, response };
    const { batchItemFailures } = (response ?? {}) as { batchItemFailures?: unknown };
    if (Array.isArray(batchItemFailures) && batchItemFailures.length > 0) {
      return { result: "failed", reason: "the function could not do some of its records, see its log", response };
    }
    return { result: "done" };
  }

  /** To the function as its queue or stream would; what it fails on again it puts into its failure queue itself. */
  private async batched({ functionArn, eventSource, eventSourceArn, bytes }: BatchedFailure): Promise<Sent> {
    const awsRegion = eventSourceArn.split(":")[3];
    const common = { eventSource, eventSourceARN: eventSourceArn, awsRegion };
    const record =
      eventSource === "aws:sqs"
        ? {
            ...common,
            messageId: randomUUID(),
            body: bytes.toString("utf8"),
            // One try: its own replay is its retry.
            attributes: { ApproximateReceiveCount: "1000" },
            messageAttributes: {},
          }
        : { ...common, eventID: "replay:0", kinesis: { sequenceNumber: "0", data: bytes.toString("base64") } };
    const sent = await this.call(functionArn, { Records: [record] });
    return sent.result === "done" ? { result: "sent" } : sent;
  }

  private async enqueue(queueArn: string, body: string, replays: number): Promise<Sent> {
    const { QueueUrl } = await this.sqs.send(new GetQueueUrlCommand({ QueueName: queueArn.split(":").at(-1) }));
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        // SQS keeps it when it moves the message to the failure queue again.
        MessageAttributes: { [replaysAttribute]: { DataType: "Number", StringValue: String(replays + 1) } },
      }),
    );
    return { result: "sent" };
  }

  private dataPlane(): Promise<IoTDataPlaneClient> {
    this.data ??= this.connect();
    return this.data;
  }

  /** The local cloud has one endpoint for all; an account has one of its own for MQTT. */
  private async connect(): Promise<IoTDataPlaneClient> {
    if (this.place.local) return new IoTDataPlaneClient(this.place.aws);
    return new IoTDataPlaneClient({ ...this.place.aws, endpoint: `https://${await dataEndpointOf(this.place)}` });
  }
}
