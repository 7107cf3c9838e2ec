/** What a client of the local cloud needs to know of it; a `LocalCloud` has it. */
export interface AwsTarget {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** The configuration of any client of the AWS SDK for JavaScript. */
export interface AwsConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly forcePathStyle: boolean;
  readonly maxAttempts: number;
  readonly retryMode: "standard";
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
}

/** The secret of every account's root credentials in MiniStack; it is no secret, and opens nothing but the laptop. */
const ROOT_SECRET = "test";

/**
 * The SDK client configuration of an account's administrator on the local cloud: `new IoTClient(awsConfig(cloud))`.
 *
 * In MiniStack twelve digits as the access key id are the account, and with them the caller is its root, whom IAM
 * does not limit. Nothing is read from the user's AWS profile: what a profile could change is set here.
 * @param accountId default: the account the cloud was started with
 */
export function awsConfig(cloud: AwsTarget, accountId: string = cloud.accountId): AwsConfig {
  return {
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: { accessKeyId: accountId, secretAccessKey: ROOT_SECRET },
    // `<bucket>.127.0.0.1` is no host name.
    forcePathStyle: true,
    maxAttempts: 3,
    retryMode: "standard",
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
