import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { expect } from "chai";
import { startReminder } from "../../../functions/reminder/startReminder";

interface Command {
  readonly constructor: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: of many kinds
  readonly input: any;
}
type Item = Record<string, unknown>;

const openedAt = Date.UTC(2026, 0, 1);
const record = (eventName: "INSERT" | "REMOVE", SequenceNumber: string): DynamoDBRecord => ({
  eventName,
  eventID: `event-${SequenceNumber}`,
  dynamodb: {
    SequenceNumber,
    Keys: { deviceId: { S: "ten" }, kind: { S: "anomaly" } },
    ApproximateCreationDateTime: openedAt / 1000 + 60,
    ...(eventName === "INSERT" && { NewImage: { deviceId: { S: "ten" }, openedAt: { N: String(openedAt) } } }),
  },
});

/** The loop's item and the history of one anomaly, in place of the client's calls: as far as its expressions go. */
class Tables {
  loop?: Item;
  history?: Item;
  historyFails = false;

  async send({ constructor: { name }, input }: Command): Promise<unknown> {
    const table = input.TableName as "loop" | "history";
    if (table === "history" && this.historyFails) throw new Error("the history can't be written");
    const values = input.ExpressionAttributeValues ?? {};
    const nameOf = (part: string) => input.ExpressionAttributeNames?.[part] ?? part;
    const old = this[table];
    if (input.ConditionExpression) {
      const holds = input.ConditionExpression.split(" OR ").some((condition: string) => {
        const missing = /^attribute_not_exists\((\S+)\)$/.exec(condition)?.[1];
        if (missing) return old?.[nameOf(missing)] === undefined;
        const [left = "", operator, right = ""] = condition.split(" ");
        const found = old?.[nameOf(left)] as string | undefined;
        return found !== undefined && (operator === "<" ? found < values[right] : found === values[right]);
      });
      if (!holds) {
        const Item = old && Object.fromEntries(Object.entries(old).map(([key, value]) => [key, { S: String(value) }]));
        throw new ConditionalCheckFailedException({ message: "refused", $metadata: {}, Item });
      }
    }
    if (name === "PutCommand") this[table] = input.Item;
    else this[table] = { ...input.Key, ...old, ...this.changes(input, nameOf, old ?? {}) };
    return { Attributes: this[table] };
  }

  private changes(
    { UpdateExpression, ExpressionAttributeValues: values }: Item,
    nameOf: (part: string) => string,
    old: Item,
  ) {
    const parts = [...String(UpdateExpression).matchAll(/(\S+) = (?:if_not_exists\(\S+, )?(:\w+)(\)?)/g)];
    return Object.fromEntries(
      parts.map(([, left = "", right = "", keeps]) => [
        nameOf(left),
        (keeps && old[nameOf(left)]) || (values as Item)[right],
      ]),
    );
  }
}

describe("the history of an anomaly", () => {
  const clients = [DynamoDBDocumentClient, SFNClient].map(({ prototype }) => prototype as { send: unknown });
  const originals = clients.map(({ send }) => send);
  const environment = {
    ...{ TABLE_NAME: "loop", HISTORY_TABLE_NAME: "history", INTERVAL: "300", COUNT: "5", HISTORY_DAYS: "90" },
  };
  let tables: Tables;
  const give = async (...Records: DynamoDBRecord[]) =>
    (await startReminder()({ Records } as DynamoDBStreamEvent)).batchItemFailures.length;

  beforeEach(() => {
    Object.assign(process.env, environment);
    tables = new Tables();
    for (const client of clients) client.send = async () => ({});
    DynamoDBDocumentClient.prototype.send = ((command: Command) => tables.send(command)) as never;
  });
  afterEach(() => {
    for (const [at, client] of clients.entries()) client.send = originals[at];
    for (const name of Object.keys(environment)) delete process.env[name];
  });

  it("begins, and is over, with what the stream tells", async () => {
    expect(await give(record("INSERT", "1"))).to.equal(0);
    expect(tables.history).to.deep.include({ status: "open", reminders: {}, count: 5 });
    expect(await give(record("REMOVE", "2"))).to.equal(0);
    expect(tables.history).to.deep.include({ status: "ended", endedAt: "2026-01-01T00:01:00.999Z" });
  });

  it("stays as it is when both are delivered again", async () => {
    await give(record("INSERT", "1"), record("REMOVE", "2"));
    const { history, loop } = structuredClone(tables);
    expect(await give(record("INSERT", "1"), record("REMOVE", "2"))).to.equal(0);
    expect({ ...tables }).to.deep.include({ history, loop });
  });

  it("is over when its beginning could not be noted, and is replayed after the end", async () => {
    tables.historyFails = true;
    expect(await give(record("INSERT", "1")), "tried again, and given up after some times").to.equal(1);
    tables.historyFails = false;
    expect(await give(record("REMOVE", "2"))).to.equal(0);
    expect(await give(record("INSERT", "1")), "replayed").to.equal(0);
    expect(tables.history).to.deep.include({
      ...{ status: "ended", endedAt: "2026-01-01T00:01:00.999Z", reminders: {}, count: 5 },
      expiresAt: Date.UTC(2026, 0, 1, 0, 1, 1) / 1000 + 90 * 24 * 3600,
    });
  });
});
