import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { FailureQueueClient } from "../../../operations/replay/failureQueue";

const bodies = ["first", "second", "third"].map((requestPayload) =>
  JSON.stringify({
    requestContext: { functionArn: "arn:aws:lambda:us-east-1:000000000000:function:greeter:live" },
    requestPayload,
  }),
);
const queueUrl = (port: number) => `http://127.0.0.1:${port}/000000000000/greeter-failures`;

/** SQS with some messages, and a function, as far as a replay asks them. */
class Cloud {
  /** Receipts that nobody else sees now. */
  readonly held = new Set<string>();
  readonly deleted: string[] = [];
  /** Given in each answer to ReceiveMessage. */
  perReceive = 10;
  /** The first ReceiveMessage that is refused. */
  refusedFrom = Number.POSITIVE_INFINITY;
  /** What a call of the function waits for. */
  call: () => Promise<unknown> = async () => {};
  readonly calls: string[] = [];
  private receives = 0;
  private readonly waiting = [...bodies.keys()].map(String);
  private readonly server: Server = createServer(async (request, response) => {
    const [status, body] = await this.answer(request, await text(request));
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  });

  async start(): Promise<number> {
    await once(this.server.listen(0, "127.0.0.1"), "listening");
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ headers, url = "" }: IncomingMessage, body: string): Promise<[number, object?]> {
    if (url.includes("/invocations")) {
      this.calls.push(JSON.parse(body));
      await this.call();
      return [200, {}];
    }
    const { ReceiptHandle: receipt = "" } = JSON.parse(body);
    switch (String(headers["x-amz-target"])) {
      case "AmazonSQS.ReceiveMessage":
        return ++this.receives < this.refusedFrom ? [200, this.receive()] : [403, { __type: "OverLimit" }];
      case "AmazonSQS.ChangeMessageVisibility":
        this.held.delete(receipt);
        return [200, {}];
      case "AmazonSQS.DeleteMessage":
        this.held.delete(receipt);
        this.deleted.push(receipt);
        return [200, {}];
      default:
        return [400, {}];
    }
  }

  private receive() {
    const some = this.waiting.splice(0, this.perReceive);
    for (const receipt of some) this.held.add(receipt);
    const Messages = some.map((ReceiptHandle) => {
      const Body = bodies[Number(ReceiptHandle)]!;
      return { ReceiptHandle, Body, MD5OfBody: createHash("md5").update(Body).digest("hex") };
    });
    return { Messages };
  }
}

describe("a replay that does not come to its end", () => {
  let cloud: Cloud;
  let port: number;
  beforeEach(async () => {
    cloud = new Cloud();
    port = await cloud.start();
  });
  afterEach(() => cloud.stop());

  const aws = () => ({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });

  it("hides no message when the search for them fails on the way", async () => {
    Object.assign(cloud, { perReceive: 1, refusedFrom: 3 });
    const queue = new FailureQueueClient(aws(), queueUrl(port));
    const error = await queue.hold(10).catch((reason) => reason);
    queue.close();
    expect(String(error)).to.match(/OverLimit/);
    expect([...cloud.held]).to.deep.equal([]);
  });

  it("on Ctrl-C, twice as npm has it, ends after the message that is being sent and hides no other; its code is 1", async () => {
    const place = {
      stack: "local",
      aws: aws(),
      local: {},
      outputs: { failureQueues: [{ name: "greeter-failures", url: queueUrl(port) }] },
    };
    const script = `require("./operations/replay/command").command(${JSON.stringify(place)}, "greeter-failures",
      { dryRun: false, limit: Infinity }, console.log).then((code) => process.exit(code));`;
    const child = spawn(process.execPath, ["-r", "./typescript.cjs", "-e", script], { stdio: "pipe" });
    let told = "";
    const hasTold = new Promise<void>((resolve) => {
      child.stderr.setEncoding("utf8").on("data", (words: string) => {
        told += words;
        if (told.includes("Stopping")) resolve();
      });
    });
    cloud.call = async () => {
      child.kill("SIGINT");
      child.kill("SIGINT");
      await hasTold;
    };
    const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, "close")]);
    expect([code, signal], output + told).to.deep.equal([1, null]);
    expect(output).to.match(/^1 sent again\n2 could not be sent and wait as they were: the replay was stopped$/m);
    expect([cloud.calls, cloud.deleted, [...cloud.held]]).to.deep.equal([["first"], ["0"], []]);
  });
});
