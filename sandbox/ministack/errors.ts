/** The local cloud cannot start or go on. The message says what, why, and what to do about it. */
export class LocalCloudError extends Error {
  override readonly name = "LocalCloudError";
}
