import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";

/** A message that is held: nobody else sees it until it is released or deleted. */
export interface HeldMessage {
  readonly receipt: string;
  readonly body: string;
  /** Times that it was replayed and failed again. */
  readonly replays: number;
  /** When it was put into the queue: milliseconds since 1970. */
  readonly sentAt: number;
  /** ARN of the queue that it was in before, where SQS has moved it here. */
  readonly movedFrom: string | undefined;
}

/** The attribute that counts how often a message was replayed in vain. */
export const replaysAttribute = "replays";

/** Seconds that messages are held: a replay of some thousand takes minutes, and a function may take fifteen for one. */
const HELD = 3600;

/** A failure queue, as a replay works on it. */
export class FailureQueueClient {
  private readonly sqs: SQSClient;

  constructor(
    config: SQSClientConfig,
    private readonly url: string,
  ) {
    this.sqs = new SQSClient(config);
  }

  async depth(): Promise<number> {
    const { Attributes } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: ["ApproximateNumberOfMessages"] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  }

  /** Takes messages out of sight, up to a number, or until a signal stops it. Those of a search that fails are released. */
  async hold(limit: number, signal?: AbortSignal): Promise<HeldMessage[]> {
    const held: HeldMessage[] = [];
    try {
      while (held.length < limit && !signal?.aborted) {
        const messages = await this.receive(Math.min(10, limit - held.length));
        if (messages.length === 0) break;
        held.push(...messages);
      }
    } catch (error) {
      await Promise.allSettled(held.map((message) => this.release(message)));
      throw error;
    }
    return held;
  }

  private async receive(most: number): Promise<HeldMessage[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: most,
        VisibilityTimeout: HELD,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["SentTimestamp", "DeadLetterQueueSourceArn"],
        MessageAttributeNames: [replaysAttribute],
      }),
    );
    return Messages.map(heldMessage);
  }

  /** Lets others see a message again. */
  async release({ receipt }: HeldMessage): Promise<void> {
    await this.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.url, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
    );
  }

  async delete({ receipt }: HeldMessage): Promise<void> {
    await this.sqs.send(new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle: receipt }));
  }

  /** Puts a message back with another body and count. The old one goes last, so that a fault in between leaves both. */
  async replace(message: HeldMessage, body: string, replays: number): Promise<void> {
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: this.url,
        MessageBody: body,
        MessageAttributes: { [replaysAttribute]: { DataType: "Number", StringValue: String(replays) } },
      }),
    );
    await this.delete(message);
  }

  close(): void {
    this.sqs.destroy();
  }
}

function heldMessage({ ReceiptHandle = "", Body = "", Attributes, MessageAttributes }: Message): HeldMessage {
  return {
    receipt: ReceiptHandle,
    body: Body,
    replays: Number(MessageAttributes?.[replaysAttribute]?.StringValue ?? 0),
    sentAt: Number(Attributes?.SentTimestamp ?? Date.now()),
    movedFrom: Attributes?.DeadLetterQueueSourceArn,
  };
}
