import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { isOfTable, openStream } from "../../common/streams";
import { assumeRole } from "../assumedRole";
import { type AwsTarget, awsConfig } from "../aws";
import type { MappingMeans } from "./mapping";
import type { MappingRequest } from "./settings";

/** The means of one mapping, with the clients that are its own. */
export interface OwnMeans extends MappingMeans {
  readonly roleArn: string;
  /** With its qualifier, if it has one. */
  readonly functionArn: string;
  /** @throws Error that names what the function's role may not do */
  mayRead(): Promise<void>;
  close(): void;
}

/**
 * Reads and reports as the function's role; only the call of the function itself is Lambda's own. MiniStack takes whoever reads the
 * stream of a table for one that reads all of them, and refuses a role that may read just this one. So the role's rights are asked
 * for once, and then the account reads.
 */
export async function meansFor(
  target: AwsTarget,
  { FunctionName, EventSourceArn }: MappingRequest,
  retryBaseSeconds: number,
  log: (text: string) => void,
): Promise<OwnMeans> {
  const functionName = FunctionName as string;
  const config = { ...awsConfig(target), requestHandler: new NodeHttpHandler() };
  // A function may take 15 minutes, and is not to be called twice.
  const lambda = new LambdaClient({ ...awsConfig(target), maxAttempts: 1 });
  const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const roleArn = found.Role as string;
  const sts = new STSClient(config);
  const credentials = () => assumeRole(sts, roleArn, "event-source-mapping");
  const asRole = { ...config, credentials };
  const clients = {
    sqs: new SQSClient({ ...asRole, useQueueUrlAsEndpoint: false }),
    sns: new SNSClient(asRole),
  };
  const streamArn = String(EventSourceArn);
  const ofTable = isOfTable(streamArn);
  const source = openStream(streamArn, ofTable ? config : asRole, { roleArn });
  const iam = new IAMClient(config);
  return {
    source,
    lambda,
    roleArn,
    mayRead: async () => {
      if (ofTable) await expectRights(iam, roleArn, streamArn);
    },
    functionArn: withQualifierOf(functionName, found.FunctionArn as string),
    retryBaseSeconds,
    log,
    report: async (destination: string | undefined, body: string) => {
      if (destination === undefined) return;
      const [, , service, , account, name] = destination.split(":");
      if (service === "sqs") {
        const QueueUrl = `${target.endpoint}/${account}/${name}`;
        await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
      } else await clients.sns.send(new PublishCommand({ TopicArn: destination, Message: body }));
    },
    close: () => {
      source.close();
      for (const client of [sts, iam, lambda, clients.sqs, clients.sns]) client.destroy();
    },
  };
}

/** @throws Error that names what the role may not do */
async function expectRights(iam: IAMClient, PolicySourceArn: string, streamArn: string): Promise<void> {
  const ActionNames = ["DescribeStream", "GetRecords", "GetShardIterator"].map((action) => `dynamodb:${action}`);
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames, ResourceArns: [streamArn] }),
  );
  const refused = EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== "allowed");
  if (refused.length === 0) return;
  throw new Error(`it may not ${refused.map(({ EvalActionName }) => EvalActionName).join(", ")}`);
}

/** MiniStack answers for an alias with the version it points at now; a mapping follows the alias. */
function withQualifierOf(reference: string, functionArn: string): string {
  const qualifier = /^(?:arn:.*:function:)?[^:]+:([^:]+)$/.exec(reference)?.[1];
  const unqualified = functionArn.split(":").slice(0, 7).join(":");
  return qualifier ? `${unqualified}:${qualifier}` : unqualified;
}
