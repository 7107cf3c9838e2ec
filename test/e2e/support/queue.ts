import { ReceiveMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { waitFor } from "../../../common/waitFor";

/** A queue of the stack, as an operator would look into it: messages stay where they are. */
export class QueueView {
  private readonly sqs: SQSClient;
  private readonly bodies = new Map<string, string>();

  constructor(
    config: SQSClientConfig,
    private readonly url: string,
  ) {
    this.sqs = new SQSClient(config);
  }

  /** All messages there are now, parsed; the same message once however often it is looked at. */
  async messages<T>(): Promise<T[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: this.url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    for (const { MessageId, Body } of Messages) this.bodies.set(MessageId as string, Body as string);
    return [...this.bodies.values()].map((body) => JSON.parse(body));
  }

  /** Waits until a number of messages is there. */
  async waitForMessages<T>(count: number): Promise<T[]> {
    let last: T[] = [];
    await waitFor(
      `${count} messages in ${this.url}`,
      async () => {
        last = await this.messages<T>();
        return last.length >= count;
      },
      { everyMs: 100, lastSeen: () => last },
    );
    return last;
  }
}
