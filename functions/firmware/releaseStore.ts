import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Release, ReleaseNotice, ReleaseStatus } from "./releases";

/**
 * The table of releases and the topic that their ends are told on.
 *
 * Environment: RELEASES_TABLE, TOPIC_ARN.
 */
export function releaseStore() {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const sns = new SNSClient({});
  const TableName = process.env.RELEASES_TABLE;
  const turnKey = (app: string) => ({ app: `turn#${app}`, jobId: "turn" });

  async function find(app: string, jobId: string): Promise<Release | undefined> {
    const { Item } = await table.send(new GetCommand({ TableName, Key: { app, jobId }, ConsistentRead: true }));
    return Item as Release | undefined;
  }

  /** All releases of an app, and how many were taken on by then. */
  async function all(app: string): Promise<{ turn: number; releases: Release[] }> {
    // The turn first: whoever takes one after this makes our own {@link take} fail, so that no decision rests on old news.
    const { Item } = await table.send(new GetCommand({ TableName, Key: turnKey(app), ConsistentRead: true }));
    const releases: Release[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "app = :app",
          ExpressionAttributeValues: { ":app": app },
          ConsistentRead: true,
          ExclusiveStartKey,
        }),
      );
      releases.push(...((page.Items ?? []) as Release[]));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return { turn: Number(Item?.turn ?? 0), releases };
  }

  /** Takes a release on, unless another of its app was taken on since {@link all}: then false. */
  async function take(release: Release): Promise<boolean> {
    const turn = release.turn ?? 1;
    try {
      await table.send(
        new TransactWriteCommand({
          TransactItems: [
            { Put: { TableName, Item: release, ConditionExpression: "attribute_not_exists(jobId)" } },
            {
              Update: {
                TableName,
                Key: turnKey(release.app),
                UpdateExpression: "SET turn = :next",
                ConditionExpression: turn === 1 ? "attribute_not_exists(turn)" : "turn = :seen",
                ExpressionAttributeValues: { ":next": turn, ...(turn > 1 && { ":seen": turn - 1 }) },
              },
            },
          ],
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return false;
      throw error;
    }
  }

  /** Writes what has become of a release that is still on its way; false when it is at its end already. */
  async function note(release: Release, changes: Partial<Release>): Promise<boolean> {
    const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
    const running: ReleaseStatus[] = ["CHECKING", "WAITING_FOR_GROUP", "IN_PROGRESS"];
    try {
      await table.send(
        new UpdateCommand({
          TableName,
          Key: { app: release.app, jobId: release.jobId },
          UpdateExpression: `SET ${entries.map((_, at) => `#n${at} = :v${at}`).join(", ")}`,
          ConditionExpression: "#status IN (:checking, :waiting, :inProgress)",
          ExpressionAttributeNames: {
            "#status": "status",
            ...Object.fromEntries(entries.map(([name], at) => [`#n${at}`, name])),
          },
          ExpressionAttributeValues: {
            ":checking": running[0],
            ":waiting": running[1],
            ":inProgress": running[2],
            ...Object.fromEntries(entries.map(([, value], at) => [`:v${at}`, value])),
          },
        }),
      );
      return true;
    } catch (error) {
      if ((error as Error).name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  }

  /**
   * Brings a release to its end. It is told first and noted then, so that an end which could not be told is tried again;
   * a notice may come twice, with the same id.
   */
  async function end(release: Release, changes: Partial<Release> & Pick<Release, "status">): Promise<void> {
    const ended: Release = { ...release, ...changes, endedAt: new Date().toISOString() };
    await tell(ended);
    await note(release, { ...changes, endedAt: ended.endedAt });
  }

  /** Notes and tells of a release that was refused before it had a turn; once per upload. */
  async function refuse(release: Release): Promise<void> {
    if (await find(release.app, release.jobId)) return;
    await tell(release);
    await table.send(new PutCommand({ TableName, Item: release }));
  }

  async function tell(release: Release): Promise<void> {
    const { app, jobId, version, status, reason, counts } = release;
    const notice: ReleaseNotice = {
      noticeId: `${jobId}-${status}`,
      app,
      jobId,
      version,
      status,
      reason,
      counts,
      at: release.endedAt ?? new Date().toISOString(),
    };
    const sentence = sentenceOf(release);
    await sns.send(
      new PublishCommand({
        TopicArn: process.env.TOPIC_ARN,
        // A subject of SNS is printable ASCII, 100 characters at most.
        Subject: `${app} ${version}: ${status}`.replace(/[^ -~]/g, "?").slice(0, 100),
        MessageStructure: "json",
        Message: JSON.stringify({ default: JSON.stringify(notice), email: sentence, sms: sentence.slice(0, 140) }),
      }),
    );
    console.info(JSON.stringify({ message: "release ended", ...notice }));
  }

  return { find, all, take, note, end, refuse };
}

/** The sentence for an e-mail. */
export function sentenceOf({ app, version, jobId, status, reason, counts }: Release): string {
  const what = `${app} ${version} (${jobId})`;
  if (status === "REFUSED") return `The release of ${app} ${version} was refused, and nothing was started:\n${reason}`;
  if (status === "FAILED") return `The release of ${what} failed before devices were told: ${reason}`;
  const { succeeded = 0, failed = 0, rejected = 0, timedOut = 0 } = counts ?? {};
  const outcome = `${succeeded} things updated, ${failed + rejected + timedOut} did not (${failed} failed, ${rejected} rejected, ${timedOut} timed out)`;
  return status === "COMPLETED"
    ? `The release of ${what} is complete: ${outcome}.`
    : `The release of ${what} was canceled: ${outcome}. ${reason ?? ""}`;
}
