import { toNumber, toText, UNDEFINED } from "../values";
import type { SqlFunction } from "./function";

/** A moment taken apart in a time zone, as `Intl` names the parts. */
type Parts = Readonly<Record<string, string>>;

/** One field of a Joda-Time pattern: how often its letter stands there decides the width. */
type Field = (parts: Parts, width: number, epochMs: number) => string;

const digits = (part: string, width: number): string => part.padStart(width, "0");
const fixed =
  (name: string): Field =>
  (parts, width) =>
    digits(parts[name]!, width);
const year: Field = ({ year }, width) => (width === 2 ? year!.slice(-2) : digits(year!, width));

/** Joda-Time's letters; those left out (weeks, eras of the day, ...) make the pattern unknown, and so Undefined. */
const FIELDS: Readonly<Record<string, Field>> = {
  G: () => "AD",
  y: year,
  Y: year,
  M: ({ month, monthName }, width) =>
    width >= 4 ? monthName! : width === 3 ? monthName!.slice(0, 3) : digits(month!, width),
  d: fixed("day"),
  H: fixed("hour"),
  k: ({ hour }, width) => digits(hour === "0" ? "24" : hour!, width),
  h: ({ hour }, width) => digits(String(Number(hour) % 12 || 12), width),
  K: ({ hour }, width) => digits(String(Number(hour) % 12), width),
  m: fixed("minute"),
  s: fixed("second"),
  S: (_, width, epochMs) =>
    digits(String(((epochMs % 1000) + 1000) % 1000), 3)
      .padEnd(width, "0")
      .slice(0, width),
  a: ({ hour }) => (Number(hour) < 12 ? "AM" : "PM"),
  E: ({ weekday }, width) => (width >= 4 ? weekday! : weekday!.slice(0, 3)),
  z: ({ zone }) => zone!,
  Z: ({ offset, zoneId }, width) => (width >= 3 ? zoneId! : width === 2 ? offset! : offset!.replace(":", "")),
};

const formats = new Map<string, { numbers: Intl.DateTimeFormat; offset: Intl.DateTimeFormat }>();

/** @throws RangeError for a time zone that nobody knows, or a moment beyond the calendar */
function takeApart(epochMs: number, timeZone: string): Parts {
  let format = formats.get(timeZone);
  if (!format) {
    const names = { weekday: "long", timeZoneName: "short", hourCycle: "h23" } as const;
    const numbers = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    format = {
      numbers: new Intl.DateTimeFormat("en-US", { ...names, ...numbers, second: "numeric", timeZone }),
      offset: new Intl.DateTimeFormat("en-US", { month: "long", timeZoneName: "longOffset", timeZone }),
    };
    formats.set(timeZone, format);
  }
  const parts: Record<string, string> = { zoneId: timeZone };
  for (const { type, value } of format.offset.formatToParts(epochMs)) {
    if (type === "timeZoneName") parts.offset = value === "GMT" ? "+00:00" : value.replace("GMT", "");
    if (type === "month") parts.monthName = value;
  }
  for (const { type, value } of format.numbers.formatToParts(epochMs)) {
    if (type === "timeZoneName") parts.zone = value;
    else parts[type] = type === "hour" || type === "minute" || type === "second" ? String(Number(value)) : value;
  }
  return parts;
}

/** Quoted text ('' is a quote), a run of one letter, or anything else. */
const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g;

/** @returns undefined for a pattern with a letter that is not known here */
function format(pattern: string, epochMs: number, timeZone: string): string | undefined {
  const parts = takeApart(epochMs, timeZone);
  let text = "";
  for (const [token, quoted, letter] of pattern.matchAll(TOKEN)) {
    if (quoted !== undefined) text += quoted === "" ? "'" : quoted.replaceAll("''", "'");
    else if (letter === undefined) text += token;
    else {
      const field = FIELDS[letter];
      if (!field) return undefined;
      text += field(parts, token.length, epochMs);
    }
  }
  return text;
}

/** `parse_time(pattern, milliseconds since 1970[, time zone])`: a moment as text, by a Joda-Time pattern. */
export const parseTime: SqlFunction = {
  arity: [2, 3],
  call: ([pattern, time, zone]) => {
    const joda = toText(pattern!);
    const timeZone = zone === undefined ? "UTC" : toText(zone);
    if (joda === UNDEFINED || timeZone === UNDEFINED) return UNDEFINED;
    try {
      return format(joda, Math.trunc(toNumber(time!)), timeZone) ?? UNDEFINED;
    } catch {
      return UNDEFINED;
    }
  },
};
