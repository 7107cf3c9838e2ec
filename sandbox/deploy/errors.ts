/** The names that AWS services give to "there is no such thing". */
const notFoundNames = new Set([
  "AWS.SimpleQueueService.NonExistentQueue",
  "NoSuchBucket",
  "NoSuchBucketPolicy",
  "NoSuchCORSConfiguration",
  "NoSuchDistribution",
  "NoSuchEntity",
  "NoSuchEntityException",
  "NoSuchFunctionExists",
  "NoSuchKey",
  "NoSuchLifecycleConfiguration",
  "NoSuchOriginAccessControl",
  "NoSuchPublicAccessBlockConfiguration",
  "NoSuchResponseHeadersPolicy",
  "NoSuchTagSet",
  "NotFound",
  "NotFoundException",
  "OwnershipControlsNotFoundError",
  "QueueDoesNotExist",
  "ResourceNotFound",
  "ResourceNotFoundException",
  "ServerSideEncryptionConfigurationNotFoundError",
  "StateMachineDoesNotExist",
]);

/** Whether an error of the AWS SDK says that the thing asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  const { name, Code } = error as { name?: string; Code?: string };
  return notFoundNames.has(name ?? "") || notFoundNames.has(Code ?? "");
}

/** What to do about errors that say little by themselves: name of the error -> advice. */
const advice: Readonly<Record<string, string>> = {
  AccessDenied: "the deployer acts as root of the account: check that the endpoint is the local cloud's",
  AccessDeniedException: "the deployer acts as root of the account: check that the endpoint is the local cloud's",
  ECONNREFUSED: "the local cloud does not answer; it may have stopped: look at its log and start it again",
  ECONNRESET: "the local cloud hung up; it may have stopped: look at its log and start it again",
};

/** An operation on a resource that failed, with what a developer needs to put it right. */
export class ResourceError extends Error {
  override readonly name = "ResourceError";
  /** The input that AWS's message speaks of, where it does. */
  readonly property: string | undefined;

  constructor(
    /** The type token, e.g. `aws:sqs/queue:Queue`. */
    readonly type: string,
    /** The logical name in the program. */
    readonly resource: string,
    readonly operation: "create" | "read" | "update" | "delete",
    override readonly cause: unknown,
    inputs: object = {},
  ) {
    const said = whatWasSaid(cause);
    const property = propertyOf(said, Object.keys(inputs));
    const { name, code } = cause as { name?: string; code?: string };
    const hint = advice[code ?? ""] ?? advice[name ?? ""];
    super(
      `could not ${operation} ${type} "${resource}"${property ? `, property \`${property}\`` : ""}: ${said}` +
        (hint ? ` (${hint})` : ""),
    );
    this.property = property;
  }
}

/** "Value '901' at 'delaySeconds' failed ...", "the parameter DelaySeconds", "Invalid retentionInDays value: 2". */
const namesProperty = /\b(?:at|parameter|property|attribute|field|member|element|invalid)[: ]+['"`]?(\w+)/gi;

function propertyOf(message: string, properties: readonly string[]): string | undefined {
  const named = Array.from(message.matchAll(namesProperty), (match) => match[1]!.toLowerCase());
  return properties.find((property) => named.includes(property.toLowerCase()));
}

/** AWS's own message, with its name and status where it came from AWS. */
function whatWasSaid(cause: unknown): string {
  const error = cause as { name?: string; message?: string; code?: string; $metadata?: { httpStatusCode?: number } };
  const message = error.message || error.code || String(cause);
  const status = error.$metadata?.httpStatusCode;
  return status === undefined ? message : `${error.name} (${status}): ${message}`;
}
