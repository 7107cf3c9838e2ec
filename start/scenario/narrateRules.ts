import type { RulesEngine } from "../../sandbox/rules";
import type { Timeline } from "../timeline";

/** Tells in the timeline what rules do, and what they fail on. */
export function narrateRules(engine: RulesEngine, timeline: Timeline): void {
  engine.events.on("actionSucceeded", ({ rule, topic, action, resource }) => {
    // A stream takes messages by the hundred; the timeline tells of the objects that come of them.
    if (action === "kinesis") return;
    timeline.say("rule", thingOf(topic), `${rule} → ${action} ${shortened(resource)}`);
  });
  engine.events.on("actionFailed", ({ rule, topic, action, errorMessage }) =>
    timeline.say("failure", thingOf(topic), `${rule} could not do ${action}: ${errorMessage}`),
  );
  engine.events.on("errorActionSucceeded", ({ rule, topic, resource }) =>
    timeline.say("failure", thingOf(topic), `${rule} set the message aside in ${shortened(resource)}`),
  );
}

/** The thing that a topic such as `my/things/cooler-1/log` or `$aws/things/cooler-1/shadow/...` is about. */
function thingOf(topic: string): string {
  return /(?:^|\/)things\/([^/]+)/.exec(topic)?.[1] ?? "";
}

/** The last part of an ARN or a URL; of a function's ARN its name, without the alias. */
function shortened(resource: string): string {
  const name = /:function:([^:]+)/.exec(resource)?.[1];
  return name ?? resource.split(/[:/]/).at(-1) ?? resource;
}
