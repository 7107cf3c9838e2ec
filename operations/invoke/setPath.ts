import { UsageError } from "../../common/commandLine";

/** A `--set` that cannot be carried out. */
export class SetError extends UsageError {}

/** Names that would reach into JavaScript's own objects instead of the event. */
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Sets one value of an event, making the objects and lists on the way: `state.reported.temperature=30`,
 * `Records[0].kinesis.data={"a":1}`. The value is JSON; what is no JSON is taken as text.
 * @throws SetError that shows the assignment
 */
export function setPath(event: unknown, assignment: string): void {
  const at = assignment.indexOf("=");
  if (at < 1) throw new SetError(`--set takes path=value, such as state.reported.temperature=30, not ${assignment}`);
  const steps = stepsOf(assignment.slice(0, at), assignment);
  const last = steps.pop() as string | number;
  let place = event as Record<string | number, unknown>;
  steps.forEach((step, index) => {
    const next = steps[index + 1] ?? last;
    const inside = place[step];
    if (typeof inside !== "object" || inside === null) place[step] = typeof next === "number" ? [] : {};
    place = place[step] as Record<string | number, unknown>;
  });
  place[last] = valueFrom(assignment.slice(at + 1));
}

function stepsOf(path: string, assignment: string): (string | number)[] {
  if (!/^[^.[\]]+(\.[^.[\]]+|\[\d+\])*$/.test(path)) {
    throw new SetError(`--set ${assignment}: the path is written as in a.b[0].c`);
  }
  const steps = (path.match(/[^.[\]]+|\[\d+\]/g) ?? []).map((step) =>
    step.startsWith("[") ? Number(step.slice(1, -1)) : step,
  );
  const forbidden = steps.find((step) => FORBIDDEN.has(String(step)));
  if (forbidden !== undefined) throw new SetError(`--set ${assignment}: ${forbidden} is no property of an event`);
  return steps;
}

function valueFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
