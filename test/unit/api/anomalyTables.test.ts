import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { createSandbox } from "sinon";
import { acknowledgeAnomaly } from "../../../functions/api/acknowledgeAnomaly";
import { ownershipIn, thingsOf } from "../../../functions/api/ownership";
import { callers, silently } from "./apiHelp";

const sandbox = createSandbox();

/** Answers what is sent to the tables, in place of DynamoDB. */
function tables(answer: (command: string, input: { ConsistentRead?: boolean; Key?: { kind?: string } }) => object) {
  sandbox
    .stub(DynamoDBDocumentClient.prototype, "send")
    .callsFake(async ({ constructor: { name }, input }) => answer(name, input as { ConsistentRead?: boolean }));
}

describe("acknowledging, in the tables", () => {
  silently();
  afterEach(() => sandbox.restore());

  const reasons: [what: string, codes: string[], status: number][] = [
    ["it was over meanwhile", ["ConditionalCheckFailed", "None"], 409],
    ["a reminder is noted at this very moment", ["None", "TransactionConflict"], 503],
    ["the table has too much to do", ["ThrottlingError", "None"], 503],
  ];
  for (const [what, codes, status] of reasons) {
    it(`is ${status} when ${what}`, async () => {
      const environment = { ANOMALIES: '{"overheated":{"table":"t","history":"h"}}' };
      sandbox.stub(process, "env").value({ ...process.env, ...environment });
      tables((command, { Key }) => {
        if (command === "GetCommand") {
          return { Item: Key?.kind === "loop" ? { deviceId: "ten", loopId: "1", openedAt: "2026-01-01" } : {} };
        }
        const CancellationReasons = codes.map((Code) => ({ Code }));
        throw new TransactionCanceledException({ message: "canceled", $metadata: {}, CancellationReasons });
      });
      const event = {
        pathParameters: { thingName: "ten", kind: "overheated" },
        requestContext: { authorizer: callers.admin },
      };
      const { statusCode } = await acknowledgeAnomaly()(event as never, {} as never);
      expect(statusCode).to.equal(status);
    });
  }
});

describe("who owns a thing", () => {
  afterEach(() => sandbox.restore());

  // DynamoDB answers from a copy that may be behind, unless it is asked not to.
  it("is read as it is now, not as it was a moment ago", async () => {
    const item = { owner: "sub-user", thingName: "ten" };
    tables((_, { ConsistentRead }) => (ConsistentRead ? { Items: [] } : { Item: item, Items: [item] }));
    const table = DynamoDBDocumentClient.prototype;
    expect(await ownershipIn(table)("sub-user", "ten")).to.equal(false);
    expect((await thingsOf(table, "sub-user", 10)).names).to.deep.equal([]);
  });
});
