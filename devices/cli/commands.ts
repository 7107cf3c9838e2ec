import type { JsonObject } from "../core/json";

/** A line that somebody typed. */
export type Command =
  | { readonly verb: "report"; readonly patch: JsonObject }
  | { readonly verb: "get" | "quit" | "nothing" }
  | { readonly verb: "publish"; readonly topic: string; readonly payload: string }
  | { readonly verb: "subscribe"; readonly filter: string };

/**
 * Reads a line.
 *
 * @throws Error saying what the line should look like.
 */
export function readCommand(line: string, thingName: string): Command {
  const [, verb = "", rest = ""] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(line) ?? [];
  switch (verb) {
    case "":
      return { verb: "nothing" };
    case "get":
    case "quit":
      return { verb };
    case "report":
      return { verb, patch: json(rest, 'report {"temperature": 21}') as JsonObject };
    case "publish": {
      const [, topic = "", payload = ""] = /^(\S+)\s*([\s\S]*)$/.exec(rest) ?? [];
      json(payload, 'publish my/things/$thing/state {"temperature": 21}');
      return { verb, topic: named(topic, thingName), payload };
    }
    case "subscribe":
      if (rest === "") throw new Error("it goes: subscribe my/things/$thing/commands/#");
      return { verb, filter: named(rest, thingName) };
    default:
      throw new Error(`unknown command ${verb}; there are report, get, publish, subscribe, quit`);
  }
}

function json(text: string, example: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it goes: ${example} (${text === "" ? "the JSON is missing" : (error as Error).message})`);
  }
}

/** A shell would have replaced `$thing`; here it is the device's own name. */
function named(topic: string, thingName: string): string {
  return topic.replaceAll("$thing", () => thingName);
}
