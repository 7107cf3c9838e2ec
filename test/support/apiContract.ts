import Ajv, { type ValidateFunction } from "ajv";
import { expect } from "chai";
import { routes } from "../../components/api/routes";
import { problem } from "../../components/api/schemas";

/** An answer of the API, parsed. */
export interface Answered {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for.
  readonly body: any;
}

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat("date-time", (text: string) => !Number.isNaN(Date.parse(text)) && /Z$/.test(text));
const isProblem = ajv.compile(problem);
const schemas = new Map<string, ValidateFunction>();
for (const { operationId, responses } of routes) {
  for (const [status, { schema }] of Object.entries(responses)) {
    if (schema) schemas.set(`${operationId} ${status}`, ajv.compile(schema));
  }
}

/** Holds an answer to what the table of routes says of it; every error to the problem document, without a stack trace. */
export function expectAsDocumented(
  operationId: string,
  { status, headers, text }: { status: number; headers: Readonly<Record<string, unknown>>; text: string },
): Answered {
  const body = JSON.parse(text);
  const type = String(headers["content-type"]);
  if (status >= 400) {
    expect(isProblem(body), JSON.stringify(isProblem.errors)).to.equal(true);
    expect(type).to.match(/^application\/problem\+json/);
    expect(body.status).to.equal(status);
    expect(body.type).to.match(/^urn:thingstack:problem:[a-z-]+$/);
    expect(text).not.to.match(/\bat .*\.[jt]s:\d|arn:aws/);
  } else {
    const isRight = schemas.get(`${operationId} ${status}`);
    expect(isRight, `${operationId} is not documented to answer ${status}: ${text}`).to.be.a("function");
    expect(isRight?.(body), `${JSON.stringify(isRight?.errors)} in ${text}`).to.equal(true);
    expect(type).to.match(/^application\/json/);
  }
  return { status, headers, body };
}
