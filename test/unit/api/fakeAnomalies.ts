import type { Acknowledging } from "../../../functions/api/acknowledgeAnomaly";
import type { Read } from "../../../functions/api/anomalies";
import type { Anomalies } from "../../../functions/api/listAnomalies";
import type { AnomalyRecord, LoopItem } from "../../../functions/reminder/reminderLoop";
import { callers } from "./apiHelp";

/** The tables of anomalies, in memory; the user owns what begins with `mine`. */
export class FakeAnomalies implements Anomalies, Acknowledging {
  readonly kinds = Object.assign(["overheated", "open-door"], {
    overheated: { table: "t1", history: "h1" },
    "open-door": { table: "t2", history: "h2" },
  }) as unknown as Anomalies["kinds"] & Acknowledging["kinds"];
  readonly records: { kind: string; record: AnomalyRecord }[] = [];
  readonly loops = new Map<string, { anomaly?: unknown; loop?: Partial<LoopItem> }>();
  /** What was noted: how often something was changed. */
  readonly noted: { at: string; by: string }[] = [];
  overJustNow = false;

  owns = async (owner: string, thingName: string) => owner === callers.user.sub && thingName.startsWith("mine");
  own = async (owner: string) => [
    ...new Set(
      owner === callers.user.sub
        ? this.records.map(({ record }) => record.deviceId).filter((thing) => thing.startsWith("mine"))
        : [],
    ),
  ];

  add(kind: string, deviceId: string, second: number, more: Partial<AnomalyRecord> = {}) {
    const openedAt = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    const record: AnomalyRecord = {
      ...{ deviceId, openedAt, status: "open", loopId: `${deviceId}-${second}`, interval: 300, count: 5 },
      reminders: {},
      ...more,
    };
    this.records.push({ kind, record });
    this.loops.set(`${kind} ${deviceId}`, {
      anomaly: {},
      loop: { deviceId, kind: "loop", loopId: record.loopId, openedAt },
    });
    return record;
  }

  read =
    (status?: string): Read =>
    async (source, limit, after) =>
      this.records
        .filter(({ kind }) => kind === source.kind)
        .map(({ record }) => record)
        .filter((record) => source.thingName === undefined || record.deviceId === source.thingName)
        .filter((record) => status === undefined || record.status === status)
        .sort((one, other) => (orderOf(one) < orderOf(other) ? 1 : -1))
        .filter((record) => after === undefined || orderOf(record) < orderOf(after))
        .slice(0, limit);

  standing = async ({ table }: { table: string }, thing: string) =>
    this.loops.get(`${table === "t1" ? "overheated" : "open-door"} ${thing}`) ?? {};

  note = async (_: unknown, loop: Partial<LoopItem>, at: string, by: string) => {
    if (this.overJustNow) return false;
    this.noted.push({ at, by });
    Object.assign(loop, { acknowledgedAt: at });
    for (const { record } of this.records) {
      if (record.loopId === loop.loopId) Object.assign(record, { acknowledgedAt: at, acknowledgedBy: by });
    }
    return true;
  };

  record = async (_: unknown, thing: string, openedAt: string) =>
    this.records.find(({ record }) => record.deviceId === thing && record.openedAt === openedAt)?.record;
}

const orderOf = ({ openedAt, deviceId }: { openedAt: string; deviceId: string }) => `${openedAt} ${deviceId}`;
