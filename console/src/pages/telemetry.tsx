import type { Api } from "../api/client";

/** PLACEHOLDER until the shape is known. */
export function Telemetry(_: { api: Api; thingName: string }) {
  return null;
}
