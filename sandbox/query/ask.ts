import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { awsConfig } from "../aws";
import { isAlive, sandboxDirectory } from "../ministack/folders";
import type { OutputsFile } from "../outputsFile";
import type { TelemetryOutputs } from "../stackOutputs";
import { waitFor } from "../waitFor";

/** Where to ask. */
export interface Place {
  readonly config: AthenaClientConfig;
  readonly database: string;
  readonly workgroup: string;
}

export interface Answer {
  readonly columns: readonly string[];
  /** As text, the way Athena gives them; null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Seconds that a query may take. */
const LIMIT = 600;

/** The local cloud that runs now. @throws Error when none does */
export function localPlace(root: string = sandboxDirectory): Place {
  let file: OutputsFile | undefined;
  try {
    file = JSON.parse(readFileSync(path.join(root, "outputs.json"), "utf8"));
  } catch {
    // There is none.
  }
  if (!file || !isAlive(file.pid)) {
    throw new Error("no local cloud runs here; start one with npm start, or name a stack with --stack");
  }
  return place(awsConfig(file), file.outputs);
}

/** A stack in an AWS account, as `pulumi up` left it. @throws Error with Pulumi's own words */
export function stackPlace(stack: string): Place {
  const pulumi = (...args: string[]) => {
    try {
      return execFileSync("pulumi", [...args, "--stack", stack], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      throw new Error(`pulumi does not tell of the stack ${stack}: ${stderr?.trim() || message}`);
    }
  };
  const outputs = JSON.parse(pulumi("stack", "output", "--json"));
  return place({ region: pulumi("config", "get", "aws:region").trim() }, outputs);
}

function place(config: AthenaClientConfig, outputs: Readonly<Record<string, unknown>>): Place {
  const telemetry = outputs.telemetry as TelemetryOutputs | undefined;
  if (!telemetry)
    throw new Error("the stack has no output `telemetry`; deploy it again with this version of the program");
  return { config, database: telemetry.databaseName, workgroup: telemetry.workgroupName };
}

/** Runs a statement and waits for its result. @throws Error with Athena's reason */
export async function ask({ config, database, workgroup }: Place, sql: string): Promise<Answer> {
  const athena = new AthenaClient(config);
  try {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: workgroup,
        QueryExecutionContext: { Database: database },
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
