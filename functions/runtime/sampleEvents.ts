import type { APIGatewayProxyEvent, S3Event, SQSEvent } from "aws-lambda";

/*
 * Events as triggers make them, of things that do not exist: for dry runs, and for `npm run invoke`.
 */

/** What an event says of where and when it was made. */
export interface Origin {
  /** @default that of the function */
  readonly region?: string;
  readonly accountId?: string;
  /** Milliseconds since 1970. @default now */
  readonly now?: number;
}

const generated = "generated";
const regionOf = ({ region = process.env.AWS_REGION ?? "us-east-1" }: Origin) => region;
const arnIn = (origin: Origin, service: string, resource: string) =>
  `arn:aws:${service}:${regionOf(origin)}:${origin.accountId ?? "123456789012"}:${resource}`;

/** One record of a Kinesis stream. @param data as the stream has it: base64 */
export function kinesisEvent<Data = string>(data: Data, origin: Origin = {}) {
  const sequenceNumber = "49590338271490256608559692538361571095921575989136588898";
  return {
    Records: [
      {
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: "thing-1",
          sequenceNumber,
          data,
          approximateArrivalTimestamp: (origin.now ?? Date.now()) / 1000,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `shardId-000000000000:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: `arn:aws:iam::${origin.accountId ?? "123456789012"}:role/${generated}`,
        awsRegion: regionOf(origin),
        eventSourceARN: arnIn(origin, "kinesis", `stream/${generated}`),
      },
    ],
  };
}

/** One message of an SQS queue, at its first delivery. */
export function sqsEvent(body: string, origin: Origin = {}): SQSEvent {
  const now = String(origin.now ?? Date.now());
  return {
    Records: [
      {
        messageId: "00000000-0000-0000-0000-000000000000",
        receiptHandle: generated,
        body,
        attributes: {
          ApproximateReceiveCount: "1",
          SentTimestamp: now,
          SenderId: generated,
          ApproximateFirstReceiveTimestamp: now,
        },
        messageAttributes: {},
        md5OfBody: "",
        eventSource: "aws:sqs",
        eventSourceARN: arnIn(origin, "sqs", generated),
        awsRegion: regionOf(origin),
      },
    ],
  };
}

/** A new item of a DynamoDB table. @param image its attributes, with their types as the stream has them */
export function dynamoDBEvent<Image extends object>(keys: Partial<Image>, image: Image, origin: Origin = {}) {
  const now = origin.now ?? Date.now();
  return {
    Records: [
      {
        eventID: now.toString(16).padStart(32, "0"),
        eventName: "INSERT" as const,
        eventVersion: "1.1",
        eventSource: "aws:dynamodb",
        awsRegion: regionOf(origin),
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(now / 1000),
          Keys: keys,
          NewImage: image,
          SequenceNumber: "111",
          SizeBytes: 26,
          StreamViewType: "NEW_AND_OLD_IMAGES" as const,
        },
        eventSourceARN: arnIn(origin, "dynamodb", `table/${generated}/stream/2026-01-01T00:00:00.000`),
      },
    ],
  };
}

/** An object that was uploaded. */
export function s3Event(bucket: string, key: string, origin: Origin = {}): S3Event {
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: regionOf(origin),
        eventTime: new Date(origin.now ?? Date.now()).toISOString(),
        eventName: "ObjectCreated:Put",
        userIdentity: { principalId: "AWS:GENERATED" },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": generated, "x-amz-id-2": generated },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: generated,
          bucket: { name: bucket, ownerIdentity: { principalId: "GENERATED" }, arn: `arn:aws:s3:::${bucket}` },
          // S3's own name for the version of an object from before there were versions; any other text is no version id.
          object: { key, size: 2, eTag: "99914b932bd37a50b983c5e7c90ae93b", versionId: "null", sequencer: "00" },
        },
      },
    ],
  };
}

/** A request, as API Gateway hands it over. */
export interface SampleRequest {
  readonly httpMethod: string;
  /** The path, with parameters in braces. */
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  /** Becomes JSON. */
  readonly body?: unknown;
}

/** A request of an admin; without what neither gateway nor callback of this program reads. */
export function apiEvent(
  { httpMethod, resource, pathParameters, body }: SampleRequest,
  origin: Origin = {},
): APIGatewayProxyEvent {
  const event = {
    resource,
    path: resource.replace(/\{(\w+)\}/g, (_, name) => pathParameters?.[name] ?? generated),
    httpMethod,
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    queryStringParameters: null,
    pathParameters,
    stageVariables: null,
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      accountId: origin.accountId ?? "123456789012",
      apiId: generated,
      authorizer: { sub: generated, username: generated, groups: "admin" },
      identity: { sourceIp: "127.0.0.1", userAgent: generated },
      protocol: "HTTP/1.1",
      requestId: generated,
      requestTimeEpoch: origin.now ?? Date.now(),
      stage: generated,
    },
  };
  return event as unknown as APIGatewayProxyEvent;
}

/** Bytes as a stream has them; text as it is, anything else as JSON. */
export const base64 = (data: unknown): string =>
  Buffer.from(typeof data === "string" ? data : JSON.stringify(data)).toString("base64");
