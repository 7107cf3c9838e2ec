import type { ArgumentErrors } from "../args/argumentErrors";

/** Types of Hive that the JSON of a payload can be read as. */
const scalar = /^(boolean|tinyint|smallint|int|bigint|float|double|string|timestamp|date|decimal\(\d{1,2},\d{1,2}\))$/;

/** The type of the payload column: a struct of its fields, or a text of JSON. Notes what is wrong with the fields. */
export function columnsOf(columns?: Readonly<Record<string, string>>, errors?: ArgumentErrors): string {
  if (columns === undefined) return "string";
  const entries = Object.entries(columns);
  if (entries.length === 0) errors?.add("columns", "must name at least one field; leave it out for a payload as text");
  for (const [name, type] of entries) {
    const path = `columns.${name}`;
    if (!/^[a-z_][a-z0-9_]*$/.test(name)) {
      errors?.add(
        path,
        'is no column name: lower case letters, digits and "_"; Athena reads keys without regard to case',
      );
    } else if (!isType(String(type).replace(/\s/g, ""))) {
      errors?.add(
        path,
        `is no type that Athena reads from JSON: ${JSON.stringify(type)}; for example double or array<string>`,
      );
    }
  }
  return `struct<${entries.map(([name, type]) => `${name}:${type.replace(/\s/g, "")}`).join(",")}>`;
}

function isType(type: string): boolean {
  if (scalar.test(type)) return true;
  const [, outer, inner = ""] = /^(array|map|struct)<(.*)>$/.exec(type) ?? [];
  if (outer === "array") return isType(inner);
  const parts = split(inner);
  if (outer === "map") return parts.length === 2 && parts[0] === "string" && isType(parts[1] as string);
  if (outer !== "struct") return false;
  return parts.every((part) => /^[a-z_][a-z0-9_]*:/.test(part) && isType(part.slice(part.indexOf(":") + 1)));
}

/** The parts between commas that are in no brackets. */
function split(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if ("<(".includes(character)) depth += 1;
    if (">)".includes(character)) depth -= 1;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** Notes what is wrong with the days that queries look at. */
export function checkDates(errors: ArgumentErrors, firstDate: string, lastDate: string): void {
  errors.check("firstDate", firstDate, day);
  errors.check("lastDate", lastDate, (date) => (date === "NOW" ? undefined : day(date)));
  if (day(firstDate) || (lastDate !== "NOW" && day(lastDate))) return;
  const last = lastDate === "NOW" ? new Date().toISOString().slice(0, 10) : lastDate;
  if (last < firstDate) {
    errors.add("lastDate", `is ${lastDate}, before the first day ${firstDate}: queries would find nothing`);
  }
}

function day(date: string): string | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  const real = !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
  return real ? undefined : `must be a day as YYYY-MM-DD, not ${JSON.stringify(date)}`;
}
