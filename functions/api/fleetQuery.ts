import { malformed } from "./problem";

/** AWS fleet indexing takes so many terms in a query, so many characters, and fewer if a term begins with a wildcard. */
const maximumTerms = 12;
const maximumQuery = 1000;
const maximumWithPart = 100;
/** What may be asked for by name; the rest is a part of a thing's name. */
const fields =
  /^(thingName|thingTypeName|thingGroupNames|connectivity\.connected|shadow\.hasDelta|(attributes|shadow\.(name\.apps\.)?(reported|desired))(\.[\w-]+)+)$/;
const maximumFields = 4;

/** What search words ask for. */
export interface Search {
  /** Parts of the thing's name, in their order. */
  readonly nameParts: readonly string[];
  /** Terms of a fleet query. */
  readonly terms: readonly string[];
}

/**
 * Reads search words; all of them have to match. A word is a part of the thing's name, or `field:value`, where `*` stands for
 * any characters, or a comparison of numbers such as `shadow.reported.temperature>8`. Nothing that a person writes is read as
 * an operator of the query.
 * @throws a refusal that says which word is not understood
 */
export function searchOf(words = ""): Search {
  if (words.length > 200) throw malformed({ path: "query", reason: "has more than 200 characters" });
  const all = words.split(/\s+/).filter((word) => word !== "" && word !== "AND");
  const named = all.filter((word) => /[:<>]/.test(word));
  if (named.length > maximumFields) {
    throw malformed({ path: "query", reason: `asks for ${named.length} fields; ${maximumFields} are the most` });
  }
  return { nameParts: all.filter((word) => !named.includes(word)), terms: named.map(termOf) };
}

/** The fleet query of a search. @throws a refusal when AWS would not take it */
export function fleetQuery({ nameParts, terms }: Search): string {
  // AWS takes one wildcard at the beginning of a term per query, so parts of a name become one term.
  const name = nameParts.length > 0 ? [`thingName:*${nameParts.map(escaped).join("*")}*`] : [];
  const query = [...name, ...terms].join(" AND ") || "thingName:*";
  if (name.length > 0 && query.length > maximumWithPart) {
    throw malformed({
      path: "query",
      reason: "is too long; beside a part of a name there is room for about 80 characters",
    });
  }
  return query;
}

function termOf(word: string): string {
  const [, field = "", operator = "", value = ""] = /^([^:<>]+)(:|<=?|>=?)(.+)$/.exec(word) ?? [];
  const wrong = (reason: string) => malformed({ path: "query", reason: `${JSON.stringify(word)}: ${reason}` });
  if (!fields.test(field)) {
    throw wrong(
      "there is thingTypeName, thingGroupNames, attributes.<name>, shadow.reported.<path>, connectivity.connected",
    );
  }
  if (operator === ":")
    return `${field}:${value.includes("*") ? value.split("*").map(escaped).join("*") : quoted(value)}`;
  if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) throw wrong("only numbers can be compared");
  return `${field}${operator}${value}`;
}

/**
 * The queries of a search among things of some names, each of as many names as fit. Parts of names are looked for here: a
 * query that begins with a wildcard has no room for names.
 */
export function queriesAmong({ nameParts, terms }: Search, names: readonly string[]): string[] {
  const wanted = names.filter((name) => hasParts(name.toLowerCase(), nameParts)).map(quoted);
  const queries: string[] = [];
  while (wanted.length > 0) {
    const some = wanted.splice(0, maximumTerms - terms.length);
    const query = () => [...terms, `thingName:(${some.join(" OR ")})`].join(" AND ");
    while (query().length > maximumQuery && some.length > 1) wanted.unshift(some.pop() as string);
    queries.push(query());
  }
  return queries;
}

/** Whether a name has all parts, one after the other, as the index looks for them. */
function hasParts(name: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts.map((part) => part.toLowerCase())) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
const escaped = (text: string) => text.replace(/[^a-zA-Z0-9_]/gu, "\\$&");
