import type { ThingDocument } from "@aws-sdk/client-iot";
import { isObject, type JsonObject } from "./json";

/** What is known of a thing's connection. */
export interface Connectivity {
  readonly connected: boolean;
  /** Since when: milliseconds since 1970. AWS IoT forgets it an hour after a thing left. */
  readonly timestamp?: number;
  /** As AWS IoT calls it, e.g. CONNECTION_LOST. */
  readonly disconnectReason?: string;
}

/** The version of each app on a thing, as the cloud brought it there. */
export type Apps = Readonly<Record<string, string>>;

/** A thing in a list. */
export interface ThingSummary {
  readonly thingName: string;
  readonly thingTypeName?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly connectivity: Connectivity;
  readonly apps?: Apps;
}

export function connectivityOf(found: ThingDocument | undefined): Connectivity {
  const { connected = false, timestamp = 0, disconnectReason } = found?.connectivity ?? {};
  return {
    connected,
    ...(timestamp > 0 && { timestamp }),
    ...(!connected && disconnectReason && { disconnectReason }),
  };
}

/** The apps in the `reported` state of the named shadow `apps`. */
export function appsOf(reported: unknown): Apps {
  const apps = Object.entries(isObject(reported) ? reported : {}).map(([app, installed]) => [
    app,
    String(isObject(installed) ? installed.version : installed),
  ]);
  return Object.fromEntries(apps);
}

/** A thing of the fleet index. */
export function summaryOf(found: ThingDocument): ThingSummary {
  const { thingName = "", thingTypeName, attributes = {} } = found;
  const named = (found.shadow ? (JSON.parse(found.shadow) as JsonObject).name : undefined) as
    | { apps?: JsonObject }
    | undefined;
  const apps = appsOf(named?.apps?.reported);
  return {
    thingName,
    ...(thingTypeName && { thingTypeName }),
    attributes,
    connectivity: connectivityOf(found),
    ...(Object.keys(apps).length > 0 && { apps }),
  };
}
