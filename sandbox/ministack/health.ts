import { setTimeout as sleep } from "node:timers/promises";

/** What `/_ministack/health` says, as far as the sandbox needs it. */
export interface Health {
  readonly version: string;
  /** IAM is enforced and signatures are verified (AUTH=true). */
  readonly auth: boolean;
  /** The state of the MQTT broker's mTLS listener: `starting`, `listening`, `disabled` or `degraded`. */
  readonly mqtt: string;
}

/** Asks MiniStack how it is; undefined when nothing, or something else, answers there. */
export async function readHealth(url: string): Promise<Health | undefined> {
  try {
    const response = await fetch(new URL("/_ministack/health", url), { signal: AbortSignal.timeout(5000) });
    const health = (await response.json()) as { version?: string; auth?: string; iot_mtls?: string };
    if (!response.ok || typeof health.version !== "string") {
      return undefined;
    }
    return { version: health.version, auth: health.auth === "enabled", mqtt: health.iot_mtls ?? "disabled" };
  } catch {
    return undefined;
  }
}

/**
 * Waits until MiniStack answers and its broker is decided (listening or not).
 * @param gaveUp asked on every turn; true ends the wait at once, e.g. because the process is gone
 * @returns undefined when it did not happen in time, or `gaveUp` said so
 */
export async function waitForHealth(
  url: string,
  limitSeconds: number,
  gaveUp: () => boolean,
): Promise<Health | undefined> {
  const deadline = Date.now() + limitSeconds * 1000;
  while (Date.now() < deadline && !gaveUp()) {
    const health = await readHealth(url);
    if (health !== undefined && health.mqtt !== "starting") {
      return health;
    }
    await sleep(50);
  }
  return undefined;
}
