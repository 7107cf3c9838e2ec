import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import type { TelemetryOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";

export interface Answer {
  readonly columns: readonly string[];
  /** As text, the way Athena gives them; null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Seconds that a query may take. */
const LIMIT = 600;

/** Runs a statement and waits for its result. @throws Error with Athena's reason */
export async function ask(
  config: AthenaClientConfig,
  { databaseName, workgroupName }: Pick<TelemetryOutputs, "databaseName" | "workgroupName">,
  sql: string,
): Promise<Answer> {
  const athena = new AthenaClient(config);
  try {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: workgroupName,
        QueryExecutionContext: { Database: databaseName },
      }),
    );
    let seen: QueryExecution["Status"];
    await waitFor(
      "Athena's answer",
      async () => {
        const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
        seen = QueryExecution?.Status;
        return !["QUEUED", "RUNNING"].includes(seen?.State ?? "");
      },
      { seconds: LIMIT, everyMs: 100, lastSeen: () => seen },
    );
    if (seen?.State !== "SUCCEEDED") {
      throw new Error(`Athena says ${seen?.State}: ${seen?.StateChangeReason ?? "no reason"}`);
    }
    return await resultOf(athena, QueryExecutionId as string);
  } finally {
    athena.destroy();
  }
}

async function resultOf(client: AthenaClient, QueryExecutionId: string): Promise<Answer> {
  let columns: string[] | undefined;
  const rows: (string | null)[][] = [];
  for await (const { ResultSet } of paginateGetQueryResults({ client }, { QueryExecutionId })) {
    const found = (ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue ?? null));
    if (columns === undefined) {
      columns = (ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name = "" }) => Name);
      // The first row of a SELECT is its head.
      if (found[0]?.every((name, at) => name === columns?.[at])) found.shift();
    }
    rows.push(...found);
  }
  return { columns: columns ?? [], rows };
}
