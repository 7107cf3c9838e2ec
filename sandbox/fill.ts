/**
 * A gap of MiniStack, filled: the front door hands a fill every AWS request that it takes, and passes the rest on.
 * Each fill is one file or folder beside this one, with a test that fails on the day MiniStack closes the gap itself.
 */
export interface Fill {
  /** What it fills, in a few words; shown by `--verbose` and in errors. */
  readonly name: string;
  /** Whether this fill answers the request. Must be quick and free of side effects: every request passes by. */
  takes(request: AwsRequest): boolean;
  answer(request: AwsRequest): Promise<AwsResponse>;
  /** Ends what the fill started (connections, timers). Safe to call twice. */
  close(): Promise<void>;
}

/** One request to an AWS endpoint, as the front door received it. */
export interface AwsRequest {
  /** The service of the SigV4 credential scope, e.g. `iot`, `lambda`, `iotdata`; empty when unsigned. */
  readonly service: string;
  /** The access key of the signature; on the local cloud twelve digits are the account id. Empty when unsigned. */
  readonly accessKeyId: string;
  /** The region of the credential scope; empty when unsigned. */
  readonly region: string;
  readonly method: string;
  /** Decoded path without the query, e.g. `/rules/my_rule`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
}
