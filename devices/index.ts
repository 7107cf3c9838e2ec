/** What a device is built from. */

export type { JsonObject, JsonValue } from "./core/json";
export { logTopic, telemetryTopic } from "./core/topics";
export type { DeltaHandler } from "./deltaFollower";
export { Device, type DeviceEvents, type DeviceOptions } from "./device";
export { ConnectionError, type ConnectionFault, InvalidMessage, NotDelivered, Refused, ShadowRejected } from "./errors";
export type { ShadowDocument } from "./shadowLink";
export type { ShadowOptions } from "./shadows";
