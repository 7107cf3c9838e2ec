import type { AwsRequest, AwsResponse } from "../fill";
import { AwsError } from "../rules/awsErrors";
import type { AccountFleet } from "./accountFleet";
import { checkFields } from "./indexing";
import { compileQuery, type Predicate } from "./query/compile";
import { parseQuery, type QueryError } from "./query/parse";

/** One request, with its body read. */
export interface Call {
  readonly fleet: AccountFleet;
  readonly request: AwsRequest;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the path names, e.g. a group. */
  readonly name: string;
  /** Sends the request to MiniStack as it came. */
  passOn(): Promise<AwsResponse>;
}

/** An operation of IoT's control plane. @throws AwsError, {@link QueryError} */
export interface Operation {
  readonly method: RegExp;
  /** Its first group is the call's `name`. */
  readonly path: RegExp;
  /** The resource that IAM judges, as in an ARN. Without one, MiniStack answers, and so judges, too. */
  readonly resource?: (name: string) => string;
  /** MiniStack's own affair, that only an index which is there wants to hear of. */
  readonly heardOf?: true;
  /** Waits for others of an account that are so: a name is taken once, and the index is not turned off under a new group. */
  readonly exclusive?: true;
  run(call: Call): Promise<AwsResponse>;
}

export const THING_INDEX = "AWS_Things";
export const QUERY_VERSION = "2017-09-30";

export const indexResource = () => `index/${THING_INDEX}`;

export function ok(body: object): AwsResponse {
  return { status: 200, body };
}

/** @throws AwsError when the index is not there, not ready, or not the one that is there */
export function requireIndex(fleet: AccountFleet, indexName: unknown): void {
  const name = indexName ?? THING_INDEX;
  if (name !== THING_INDEX || fleet.indexStatus === undefined) {
    const why =
      name === THING_INDEX
        ? "; to have it, call UpdateIndexingConfiguration with a thingIndexingMode other than OFF"
        : "";
    throw new AwsError(404, "ResourceNotFoundException", `Index '${name}' does not exist${why}`);
  }
  if (fleet.indexStatus === "BUILDING") {
    throw new AwsError(
      400,
      "IndexNotReadyException",
      `Index ${THING_INDEX} is BUILDING; wait until DescribeIndex says ACTIVE`,
    );
  }
}

/** @throws AwsError when it is there and no text */
export function textIn(body: Call["body"], key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw AwsError.invalid(`${key} must be a string`);
}

/** @throws AwsError */
export function queryIn(body: Call["body"]): string {
  const version = textIn(body, "queryVersion") ?? QUERY_VERSION;
  if (version !== QUERY_VERSION) throw AwsError.invalid(`queryVersion must be ${QUERY_VERSION}, not ${version}`);
  const query = textIn(body, "queryString");
  if (query === undefined || query.trim() === "") throw AwsError.invalid("queryString must not be empty");
  return query;
}

/** The query of a request, ready to be asked. @throws AwsError, QueryError */
export function matching({ fleet, body }: Pick<Call, "fleet" | "body">): Predicate {
  const queryString = queryIn(body);
  const query = parseQuery(queryString);
  checkFields(query, fleet.indexing, queryString);
  return compileQuery(query);
}
