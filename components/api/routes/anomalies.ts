import * as pulumi from "@pulumi/pulumi";
import { acknowledgeAnomaly } from "../../../functions/api/acknowledgeAnomaly";
import { anomalyHistory } from "../../../functions/api/anomalyHistory";
import { listAnomalies } from "../../../functions/api/listAnomalies";
import { telemetrySummary } from "../../../functions/api/telemetrySummary";
import { stored } from "../../../functions/telemetry/telemetryRecords";
import { readObjects } from "../../access/grants";
import type { ApiResources, Route } from "../route";
import { acknowledgeAnomalies, listObjects, readHistories, readOwnership } from "./grants";
import {
  count,
  flag,
  list,
  map,
  nextPageToken,
  noSuchThing,
  number,
  object,
  ok,
  paging,
  problem,
  query,
  text,
  thingInPath,
  thingName,
  time,
} from "./schemas";

const environment = ({ anomalies, ownership }: ApiResources) => ({
  ANOMALIES: pulumi.jsonStringify(
    Object.fromEntries(
      Object.entries(anomalies).map(([kind, { table, history }]) => [
        kind,
        { table: table.name, history: history.name },
      ]),
    ),
  ),
  OWNERSHIP_TABLE_NAME: ownership.name,
});

const kind = text("What is wrong, e.g. `overheated`", { pattern: "^[a-zA-Z0-9_-]{1,64}$" });
const always = {
  thingName,
  kind,
  status: text("`open` while it stands, `ended` once it is over", { enum: ["open", "ended"] }),
  openedAt: time("When the device reported it"),
  interval: count("Seconds from then to the first reminder, and from each to the next"),
  remindersSent: count("How many reminders were sent"),
  count: count("How many there are at most"),
  acknowledged: flag("Whether somebody knows, so that there are no more reminders"),
};
const sometimes = {
  nextReminderAt: time("When the next reminder is due; missing when there will be none"),
  acknowledgedAt: time("When it was acknowledged"),
  acknowledgedBy: text("Who acknowledged it"),
  endedAt: time("When it was over"),
  endedBy: text("What ended it: `solved`, the device reported so or an app deleted it"),
};
const reminder = object("Reminder", {
  index: count("Which reminder, from 1"),
  dueAt: time("When it was due"),
  at: time("When it was told"),
});
const anomaly = object("Anomaly", always, sometimes);
const anomalyWithReminders = object(
  "AnomalyWithReminders",
  { ...always, reminders: list(reminder, "Each reminder that was told") },
  sometimes,
);

const summaryOfNumber = object("NumberSummary", {
  count: count("How often it was sent"),
  minimum: number("The smallest"),
  average: number("The average of all"),
  maximum: number("The largest"),
  last: number("The last"),
  lastAt: time("When the last arrived"),
});
const numbers = map(summaryOfNumber, "The numbers in the messages, by their path: `battery.level`");

/** What is wrong with things, and what they sent. */
export const anomalyRoutes: readonly Route[] = [
  {
    operationId: "listAnomalies",
    method: "GET",
    path: "/anomalies",
    summary: "What is wrong with the fleet",
    description: "Of the whole fleet for admins, of their own things for all others; by kind, the newest first.",
    parameters: [
      query("status", "`open`: they stand; `ended`: they are over", {
        type: "string",
        enum: ["open", "ended"],
        default: "open",
      }),
      query("thingName", "Only of this thing", thingName),
      ...paging,
    ],
    responses: {
      200: ok(
        "A page of anomalies",
        object("AnomalyPage", { anomalies: list(anomaly, "Anomalies") }, { nextPageToken }),
      ),
      404: noSuchThing,
    },
    callbackFactory: listAnomalies,
    grants: (resources) => [readHistories(resources), readOwnership(resources)],
    environment,
  },
  {
    operationId: "anomalyHistory",
    method: "GET",
    path: "/things/{thingName}/anomalies",
    summary: "All anomalies of a thing, each with its reminders",
    parameters: [thingInPath, ...paging],
    responses: {
      200: ok(
        "A page of anomalies, by kind, the newest first",
        object("AnomalyHistory", { anomalies: list(anomalyWithReminders, "Anomalies") }, { nextPageToken }),
      ),
      404: noSuchThing,
    },
    callbackFactory: anomalyHistory,
    grants: (resources) => [readHistories(resources), readOwnership(resources)],
    environment,
  },
  {
    operationId: "acknowledgeAnomaly",
    method: "POST",
    path: "/things/{thingName}/anomalies/{kind}/acknowledge",
    summary: "End the reminders of an anomaly",
    description:
      "There are no more reminders of it while it stands, however often the device reports it again. When it is over and comes " +
      "back, it is another one. Acknowledging twice changes nothing.",
    parameters: [thingInPath, { name: "kind", in: "path", description: "The kind of anomaly", schema: kind }],
    responses: {
      200: ok("The anomaly", anomaly),
      404: problem("There is no such thing, or it has no anomaly of this kind now"),
      409: problem("It has only just begun, or was over just now"),
    },
    callbackFactory: acknowledgeAnomaly,
    grants: (resources) => [acknowledgeAnomalies(resources), readOwnership(resources)],
    environment,
  },
  {
    operationId: "telemetrySummary",
    method: "GET",
    path: "/things/{thingName}/telemetry",
    summary: "What a thing sent in the last hours",
    description:
      "How many messages, and the smallest, average, largest and last of each number in them; in all, and in sixty parts of " +
      "the time for a chart. It comes with the delay of the telemetry pipeline, a minute or so. Where there is more than can " +
      "be read at once, `complete` is false and it is about the time since `from`.",
    parameters: [
      thingInPath,
      query("hours", "How many hours back", { type: "integer", minimum: 1, maximum: 24, default: 3 }),
    ],
    responses: {
      200: ok(
        "What it sent",
        object("TelemetrySummary", {
          thingName,
          from: time("Since when all is counted"),
          to: time("Until when"),
          complete: flag("Whether that is all of the hours asked for"),
          messages: count("How many messages"),
          fields: numbers,
          bucketSeconds: count("How long a part of the time is"),
          buckets: list(
            object("TelemetryBucket", {
              start: time("When it begins"),
              messages: count("How many messages"),
              fields: numbers,
            }),
            "The parts of the time in which something arrived",
          ),
        }),
      ),
      404: noSuchThing,
    },
    callbackFactory: telemetrySummary,
    grants: (resources) => [
      listObjects(resources.telemetry.bucket.bucket),
      readObjects(resources.telemetry.bucket.bucket, stored),
      readOwnership(resources),
    ],
    environment: ({ telemetry, ownership }) => ({
      BUCKET: telemetry.bucket.bucket.bucket,
      OWNERSHIP_TABLE_NAME: ownership.name,
    }),
    timeout: 25,
  },
];
