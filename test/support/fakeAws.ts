import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request to AWS, as the fake endpoint saw it. */
export interface AwsCall {
  /** `PutItem`, `StartExecution`, `Publish` ..., or the path of a REST call such as `POST /topics/a/b`. */
  readonly operation: string;
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** What the fake endpoint answers to an operation: always, or in turn and the last from then on; the default is an empty success. */
export type Answers = Record<string, Answer | readonly Answer[]>;

/** An endpoint that answers every AWS call with what a test says, for functions that run in a process of their own. */
export class FakeAws {
  readonly calls: AwsCall[] = [];

  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static async start(answers: Answers = {}): Promise<FakeAws> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const target = String(request.headers["x-amz-target"] ?? "").split(".")[1];
      const query = new URLSearchParams(body).get("Action");
      const operation = target ?? query ?? `${request.method} ${decodeURIComponent(request.url ?? "").split("?")[0]}`;
      fake.calls.push({ operation, body });
      const success: Answer = { body: query ? `<${query}Response/>` : "{}" };
      const given = [answers[operation] ?? success].flat();
      const answer = given[fake.bodiesOf(operation).length - 1] ?? given.at(-1) ?? success;
      response.writeHead(answer.status ?? 200, { "content-type": query ? "text/xml" : "application/x-amz-json-1.0" });
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const fake = new FakeAws(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return fake;
  }

  /** The bodies of the calls of one operation. */
  bodiesOf(operation: string): string[] {
    return this.calls.filter((call) => call.operation === operation).map((call) => call.body);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
