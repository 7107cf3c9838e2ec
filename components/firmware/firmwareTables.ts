import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmGroup } from "../observability/alarmGroup";
import { watchTable } from "../observability/resourceAlarms";

/** The tables of a {@link FirmwareRollout}: releases, and how devices ended their jobs (kept for 400 days). */
export function firmwareTables(
  name: string,
  { protect, alarms }: { readonly protect: boolean; readonly alarms: AlarmGroup },
  { parent }: { readonly parent: pulumi.Resource },
): { readonly releases: aws.dynamodb.Table; readonly results: aws.dynamodb.Table } {
  const make = (role: string, hashKey: string, rangeKey: string, more: Partial<aws.dynamodb.TableArgs> = {}) => {
    const table = new aws.dynamodb.Table(
      `${name}-${role}`,
      {
        billingMode: "PAY_PER_REQUEST",
        hashKey,
        rangeKey,
        attributes: [
          { name: hashKey, type: "S" },
          { name: rangeKey, type: "S" },
        ],
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true },
        deletionProtectionEnabled: protect,
        ...more,
      },
      { parent, protect },
    );
    watchTable(alarms, `${name}-${role}`, table, { parent });
    return table;
  };
  return {
    releases: make("releases", "app", "jobId"),
    results: make("results", "jobId", "thingName", { ttl: { enabled: true, attributeName: "expiresAt" } }),
  };
}
