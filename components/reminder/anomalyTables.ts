import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** The index of the history by what became of anomalies: key `status` (`open` or `ended`), then `openedAt`. */
export const historyByStatus = "by-status";

/** The anomalies that stand and the loops that remind of them; its stream tells what appears and what goes. */
export function anomalyTable(name: string, protect: boolean, opts: pulumi.CustomResourceOptions): aws.dynamodb.Table {
  return new aws.dynamodb.Table(
    `${name}-table`,
    {
      hashKey: "deviceId",
      rangeKey: "kind",
      attributes: texts("deviceId", "kind"),
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      ...alike(protect),
    },
    { ...opts, protect },
  );
}

/** What became of each anomaly, and when each reminder was told; one record per anomaly. */
export function historyTable(name: string, protect: boolean, opts: pulumi.CustomResourceOptions): aws.dynamodb.Table {
  return new aws.dynamodb.Table(
    `${name}-history`,
    {
      hashKey: "deviceId",
      rangeKey: "openedAt",
      attributes: texts("deviceId", "openedAt", "status"),
      globalSecondaryIndexes: [
        { name: historyByStatus, hashKey: "status", rangeKey: "openedAt", projectionType: "ALL" },
      ],
      ...alike(protect),
    },
    { ...opts, protect },
  );
}

const texts = (...names: string[]) => names.map((name) => ({ name, type: "S" }));

/** Paid by what is asked of it, forgetting by itself, recoverable, encrypted. */
const alike = (protect: boolean) => ({
  billingMode: "PAY_PER_REQUEST",
  ttl: { enabled: true, attributeName: "expiresAt" },
  pointInTimeRecovery: { enabled: true },
  serverSideEncryption: { enabled: true },
  deletionProtectionEnabled: protect,
});
