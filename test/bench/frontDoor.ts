import * as http from "node:http";
import { openFrontDoor } from "../../sandbox/frontDoor";
import { createRunFolder } from "../../sandbox/ministack/folders";
import { startMiniStack } from "../../sandbox/ministack/ministack";

const ROUNDS = 1000;
const WARM_UP = 100;

/** A request of a kind, sent once; the answer is read to its end. */
interface Kind {
  readonly what: string;
  readonly rounds: number;
  send(url: string, agent: http.Agent): Promise<void>;
}

const KINDS: readonly Kind[] = [
  {
    what: "a small call (STS GetCallerIdentity)",
    rounds: ROUNDS,
    send: (url, agent) => {
      const headers = { ...signed("sts"), "content-type": "application/x-www-form-urlencoded" };
      return send(url, agent, { method: "POST", headers }, "Action=GetCallerIdentity&Version=2011-06-15");
    },
  },
  {
    what: "an upload of 1 MB (S3 PutObject)",
    rounds: ROUNDS / 10,
    send: (url, agent) => send(`${url}/bench/object`, agent, { method: "PUT", headers: signed("s3") }, MEGABYTE),
  },
];

const MEGABYTE = Buffer.alloc(1_000_000, "thing");

/**
 * What the way through the front door costs: the same requests to MiniStack directly and through it, in turn.
 * Client and front door share this process's event loop, as they do in `npm start`.
 */
export async function run(): Promise<{ title: string; rows: { what: string; value: string; note?: string }[] }> {
  const folder = createRunFolder();
  const door = await openFrontDoor(0, () => {});
  const agent = new http.Agent({ keepAlive: true });
  try {
    const options = { accountId: "000000000000", region: "us-east-1", mqttPort: 0, asyncRetryBaseSeconds: 1 };
    const ministack = await startMiniStack({ ...options, run: folder, endpoint: door.endpoint, progress: () => {} });
    try {
      door.setUpstream(ministack.url);
      await send(`${ministack.url}/bench`, agent, { method: "PUT", headers: signed("s3") }, "");
      const rows = [];
      for (const kind of KINDS) {
        rows.push(await measure(kind, ministack.url, door.endpoint, agent));
      }
      return { title: "The front door", rows };
    } finally {
      await ministack.stop();
    }
  } finally {
    agent.destroy();
    await door.close();
    folder.remove();
  }
}

async function measure(kind: Kind, direct: string, door: string, agent: http.Agent) {
  const times = { direct: [] as number[], door: [] as number[] };
  for (let round = -Math.min(WARM_UP, kind.rounds); round < kind.rounds; round++) {
    // In turn, so that whatever else the machine does falls on both alike.
    const [directMs, doorMs] = [await timed(() => kind.send(direct, agent)), await timed(() => kind.send(door, agent))];
    if (round >= 0) {
      times.direct.push(directMs);
      times.door.push(doorMs);
    }
  }
  const [directP50, doorP50] = [median(times.direct), median(times.door)];
  return {
    what: `${kind.what}: the hop, p50`,
    value: `${(doorP50 - directP50).toFixed(2)} ms`,
    note: `${directP50.toFixed(2)} ms directly, ${doorP50.toFixed(2)} ms through the front door, ${kind.rounds} each`,
  };
}

/** MiniStack does not verify the signature of an account's root, so that signing is no part of what is measured. */
function signed(service: string): Record<string, string> {
  const scope = `000000000000/20260101/us-east-1/${service}/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`,
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
  };
}

function send(url: string, agent: http.Agent, options: http.RequestOptions, body: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { ...options, agent }, (response) => {
      response.resume().once("end", () => {
        if (response.statusCode === 200) {
          resolve();
        } else {
          reject(new Error(`${options.method} ${url} was answered with ${response.statusCode}.`));
        }
      });
    });
    request.once("error", reject).end(body);
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

if (require.main === module) {
  void run().then(({ title, rows }) => {
    console.log(title);
    console.table(rows);
  });
}
