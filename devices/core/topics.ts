import { InvalidMessage } from "../errors";

/** Where a device sends its measurements; they go to the analytics pipeline and not to the shadow. */
export const telemetryTopic = (thingName: string) => `my/things/${thingName}/state`;

/** Where a device sends what it has to say to its developers. */
export const logTopic = (thingName: string) => `my/things/${thingName}/log`;

/** AWS IoT closes the connection of a client that publishes more: https://docs.aws.amazon.com/general/latest/gr/iot-core.html */
export const maximumPayloadBytes = 128 * 1024;

const maximumTopicBytes = 256;
const maximumSlashes = 7;

/**
 * Refuses what AWS IoT would answer by closing the connection, after which the message would be sent again, and so on.
 *
 * @throws InvalidMessage saying which rule is broken.
 */
export function checkPublish(topic: string, payload: Uint8Array): void {
  checkLength(topic, "topic");
  if (/[+#]/.test(topic)) throw new InvalidMessage(`Topic ${topic} has a + or #; those are for subscribing.`);
  if (payload.byteLength > maximumPayloadBytes) {
    throw new InvalidMessage(
      `The message for ${topic} has ${payload.byteLength} bytes; AWS IoT takes at most ${maximumPayloadBytes}. ` +
        "Send large things as a file to S3 and their address as a message.",
    );
  }
}

/** @throws InvalidMessage when AWS IoT would refuse to subscribe to this filter. */
export function checkFilter(filter: string): void {
  checkLength(filter, "topic filter");
  const levels = filter.split("/");
  const misplaced = levels.some(
    (level, index) =>
      (level.includes("#") && (level !== "#" || index < levels.length - 1)) || (level.includes("+") && level !== "+"),
  );
  if (misplaced) {
    throw new InvalidMessage(
      `Topic filter ${filter}: + stands for one whole level, # for all that follow, at the end.`,
    );
  }
}

/** Whether a topic belongs to a filter, by MQTT's rules and AWS's (`a/#` does not match `a`). */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic.startsWith("$") !== filter.startsWith("$")) return false;
  if (wanted.at(-1) === "#" ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  return wanted.every((level, index) => level === "+" || level === "#" || level === levels[index]);
}

function checkLength(topic: string, what: string): void {
  const bytes = Buffer.byteLength(topic);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: MQTT forbids exactly this one.
  if (bytes === 0 || /\u0000/.test(topic)) throw new InvalidMessage(`A ${what} is not empty and has no NUL in it.`);
  if (bytes > maximumTopicBytes) {
    throw new InvalidMessage(
      `The ${what} ${topic.slice(0, 40)}... has ${bytes} bytes; AWS IoT takes ${maximumTopicBytes}.`,
    );
  }
  // The reserved prefixes ($aws/rules/<name>/, $aws/things/<name>/) do not count.
  const slashes = topic.replace(/^\$aws\/[^/]+\/[^/]+\//, "").split("/").length - 1;
  if (slashes > maximumSlashes) {
    throw new InvalidMessage(`The ${what} ${topic} has ${slashes} slashes; AWS IoT takes ${maximumSlashes}.`);
  }
}
