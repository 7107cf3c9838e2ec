import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import type { Reminder } from "../../functions/reminder/reminderLoop";

/** A reminder, and when it was here. */
export interface ReceivedReminder extends Reminder {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** What a person sees: an inbox (a queue) that hears the topic that reminders are told on. */
export class ReminderInbox {
  readonly received: ReceivedReminder[] = [];
  private readonly listeners = new Set<(reminder: ReceivedReminder) => void>();
  private readonly closing = new AbortController();
  private reading: Promise<void> = Promise.resolve();
  private failure: Error | undefined;

  private constructor(
    private readonly sqs: SQSClient,
    private readonly url: string,
  ) {}

  /** Subscribes a queue of its own to the topic. Close it to have both gone. */
  static async open(config: SQSClientConfig, topicArn: string): Promise<ReminderInbox> {
    const sqs = new SQSClient(config);
    const QueueName = `reminder-inbox-${process.pid}-${Date.now()}`;
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName, Attributes: { Policy: inboxPolicy(topicArn) } }),
    );
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    await new SNSClient(config as object).send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: "sqs",
        Endpoint: Attributes?.QueueArn,
        Attributes: { RawMessageDelivery: "true" },
      }),
    );
    const inbox = new ReminderInbox(sqs, QueueUrl as string);
    inbox.reading = inbox.read().catch((error) => {
      inbox.failure = error;
    });
    return inbox;
  }

  onReminder(listener: (reminder: ReceivedReminder) => void): void {
    this.listeners.add(listener);
  }

  /** The reminders that came about one thing, each once: AWS delivers at least once. Fails if they can't be read. */
  of(deviceId: string): ReceivedReminder[] {
    if (this.failure) throw this.failure;
    const seen = new Set<string>();
    return this.received.filter((each) => {
      if (each.deviceId !== deviceId || seen.has(each.reminderId)) return false;
      return seen.add(each.reminderId);
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.reading;
    await this.sqs.send(new DeleteQueueCommand({ QueueUrl: this.url })).catch(() => {});
    this.sqs.destroy();
  }

  private async read(): Promise<void> {
    const options = { abortSignal: this.closing.signal };
    while (!this.closing.signal.aborted) {
      try {
        const { Messages = [] } = await this.sqs.send(
          new ReceiveMessageCommand({ QueueUrl: this.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 10 }),
          options,
        );
        const receivedAt = Date.now();
        for (const message of Messages) this.take(message, receivedAt);
        if (Messages.length > 0) await this.remove(Messages);
      } catch (error) {
        if (!this.closing.signal.aborted) throw error;
      }
    }
  }

  private take(message: Message, receivedAt: number): void {
    const reminder = { ...(JSON.parse(message.Body as string) as Reminder), receivedAt };
    this.received.push(reminder);
    for (const listener of this.listeners) listener(reminder);
  }

  private async remove(messages: Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries }));
  }
}

function inboxPolicy(topicArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "*",
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  });
}
