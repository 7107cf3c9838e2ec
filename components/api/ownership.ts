import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AlarmGroup } from "../observability/alarmGroup";
import type { OperationsArgs } from "../observability/operations";
import { watchTable } from "../observability/resourceAlarms";

export interface OwnershipArgs extends OperationsArgs {
  /**
   * Whether the table is protected from deletion, by Pulumi and by DynamoDB.
   * @default false
   */
  readonly protectData?: boolean;
}

/**
 * Who owns which thing: an item `{ owner, thingName }` per user and thing, where `owner` is the user's `sub` in the user pool.
 * A thing can have several owners. The authorizer of a `DeviceApi` asks it at every request, so that what an app or an
 * operator puts in or takes out counts as soon as the authorizer's answers are no longer cached.
 *
 * ```ts
 * const ownership = new Ownership("ownership");
 * ```
 */
export class Ownership extends pulumi.ComponentResource {
  /** Key `owner`, `thingName`; index `by-thing`: key `thingName`, `owner`. */
  readonly table: aws.dynamodb.Table;

  constructor(name: string, args: OwnershipArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:api:Ownership", name, {}, opts);
    const alarms = AlarmGroup.of(this, name, args);
    const protect = args.protectData ?? false;

    this.table = new aws.dynamodb.Table(
      `${name}-table`,
      {
        billingMode: "PAY_PER_REQUEST",
        hashKey: "owner",
        rangeKey: "thingName",
        attributes: [
          { name: "owner", type: "S" },
          { name: "thingName", type: "S" },
        ],
        globalSecondaryIndexes: [
          { name: "by-thing", hashKey: "thingName", rangeKey: "owner", projectionType: "KEYS_ONLY" },
        ],
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true },
        deletionProtectionEnabled: protect,
      },
      { parent: this, protect },
    );
    watchTable(alarms, name, this.table, { parent: this });
    alarms.close(this);
    this.registerOutputs({ table: this.table });
  }
}
