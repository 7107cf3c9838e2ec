import { LocalCloudError } from "./errors";
import { readHealth } from "./health";
import type { MiniStack } from "./ministack";
import { MINISTACK_VERSION } from "./version";

const LOOK_EVERY_MS = 2000;
const MISSES_UNTIL_DEAD = 3;
const DEFAULT_MQTT_PORT = 8883;

/**
 * Takes a MiniStack that runs already, e.g. a shared one, instead of starting one. It is neither emptied nor stopped.
 * @param mqttPort where its broker listens; 0: MiniStack's default, 8883
 * @throws LocalCloudError if it is not there, of another version, or does not enforce IAM
 */
export async function adoptMiniStack(url: string, mqttPort: number): Promise<MiniStack> {
  const fail = (why: string): never => {
    throw new LocalCloudError(`THINGSTACK_MINISTACK_URL is "${url}", but ${why} Or unset it: then one is started.`);
  };
  if (!URL.canParse(url) || new URL(url).protocol !== "http:") {
    return fail("that is no http URL. Give one like http://127.0.0.1:4566.");
  }
  const health = await readHealth(url);
  if (health === undefined) {
    return fail("no MiniStack answers there. Start it, or correct the address.");
  }
  if (health.version !== MINISTACK_VERSION) {
    return fail(`MiniStack ${health.version} runs there. Run version ${MINISTACK_VERSION}.`);
  }
  if (!health.auth) {
    return fail("it does not enforce IAM. Start it with AUTH=true.");
  }
  if (health.mqtt !== "listening") {
    return fail(`its MQTT broker is ${health.mqtt}. Install the Python package \`cryptography\` beside it.`);
  }
  let watch: NodeJS.Timeout | undefined;
  const exited = new Promise<{ reason: string }>((resolve) => {
    let misses = 0;
    watch = setInterval(async () => {
      misses = (await readHealth(url)) === undefined ? misses + 1 : 0;
      if (misses >= MISSES_UNTIL_DEAD) {
        clearInterval(watch);
        resolve({ reason: `MiniStack at ${url} does not answer any more.` });
      }
    }, LOOK_EVERY_MS);
    watch.unref();
  });
  return {
    url,
    mqtt: { host: new URL(url).hostname, port: mqttPort || DEFAULT_MQTT_PORT },
    exited,
    stop: async () => clearInterval(watch),
  };
}
