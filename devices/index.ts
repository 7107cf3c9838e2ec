/** What a device is built from. */

export type { JsonObject, JsonValue } from "./core/json";
export type { Image, Update } from "./core/offer";
export { logTopic, telemetryTopic } from "./core/topics";
export type { DeltaHandler } from "./deltaFollower";
export { Device } from "./device";
export type { DeviceEvents, DeviceOptions } from "./deviceOptions";
export {
  ConnectionError,
  type ConnectionFault,
  InvalidMessage,
  JobRejected,
  NotDelivered,
  Refused,
  ShadowRejected,
} from "./errors";
export type { JobExecution, JobStatus, Jobs, JobUpdate } from "./jobs";
export type { ShadowDocument } from "./shadowLink";
export type { ShadowOptions } from "./shadows";
export { type Disk, realDisk, type Writer } from "./update/disk";
export { type Download, httpTransport, type Transport } from "./update/download";
export {
  type App,
  type InstallableImage,
  UpdateAgent,
  type UpdateAgentEvents,
  type UpdateAgentOptions,
  type UpdateResult,
} from "./updateAgent";
