import { IoTClient } from "@aws-sdk/client-iot";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { executionEnded } from "../../../functions/firmware/executionEnded";
import type { Release } from "../../../functions/firmware/releases";

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: {
    readonly shadowName?: string;
    readonly payload?: Uint8Array;
    readonly ExpressionAttributeValues?: object;
  };
}

const release = (version: string, build: number, turn: number, status: Release["status"]): Release => ({
  app: "cooler",
  jobId: `cooler-${version.replace(".", "_")}-1`,
  version,
  build,
  turn,
  status,
  startedAt: "2026-01-01T00:00:00.000Z",
  ...(status === "COMPLETED" && { endedAt: new Date().toISOString() }),
  file: `releases/cooler/${version}.json`,
  source: version,
});
const two = release("2.0", 2_000_000, 1, "COMPLETED");
const three = release("3.0", 3_000_000, 2, "IN_PROGRESS");
const success = {
  job_id: two.jobId,
  thingArn: "arn:aws:iot:eu-central-1:123456789012:thing/ten",
  status: "SUCCEEDED",
  timestamp: 1_767_225_600,
};

describe("a success that is heard of late", () => {
  const clients = [IoTClient, IoTDataPlaneClient, DynamoDBDocumentClient].map(
    ({ prototype }) => prototype as { send: unknown },
  );
  const originals = clients.map(({ send }) => send);
  let said: string;
  /** What was written into the table of results. */
  let noted: object | undefined;

  const answers: Record<string, (input: Command["input"]) => unknown> = {
    GetCommand: () => ({ Item: two }),
    QueryCommand: () => ({ Items: [two, three] }),
    UpdateCommand: ({ ExpressionAttributeValues }) => {
      noted = ExpressionAttributeValues;
    },
    GetJobDocumentCommand: () => ({
      document: JSON.stringify({ app: "cooler", app_version: two.version, build: two.build }),
    }),
    GetThingShadowCommand: ({ shadowName }) => {
      const reported = shadowName ? { cooler: { version: "1.0", build: 1_000_000 } } : { apps: { cooler: said } };
      return { payload: Buffer.from(JSON.stringify({ version: 1, state: { reported } })) };
    },
    UpdateThingShadowCommand: ({ payload }) =>
      expect(JSON.parse(Buffer.from(payload ?? []).toString())).to.have.nested.property(
        "state.reported.cooler.version",
        "2.0",
      ),
  };

  beforeEach(() => {
    noted = undefined;
    for (const client of clients) {
      client.send = async ({ constructor: { name }, input }: Command) => answers[name]?.(input);
    }
  });
  afterEach(() => {
    for (const [at, client] of clients.entries()) client.send = originals[at];
  });

  const cases: [string, string, string | undefined][] = [
    ["which the next release has come to meanwhile, is no reason to doubt it", "3.0", undefined],
    ["which is older still, is no reason to doubt it", "1.0", undefined],
    ["which claims what was never released, is told of", "9.9", "9.9"],
  ];
  for (const [what, version, claimed] of cases) {
    it(`of a device ${what}`, async () => {
      said = version;
      await executionEnded()(success);
      expect(noted).to.include({ ":status": "SUCCEEDED", ":version": "2.0" });
      expect((noted as Record<string, unknown>)[":claimed"]).to.equal(claimed);
    });
  }
});
