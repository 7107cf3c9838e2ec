import { malformed } from "./problem";

/** AWS fleet indexing takes so many terms in a query. */
const maximumTerms = 12;
/** What may be asked for by name; the rest is a part of a thing's name. */
const fields =
  /^(thingName|thingTypeName|thingGroupNames|connectivity\.connected|shadow\.hasDelta|(attributes|shadow\.(name\.apps\.)?(reported|desired))(\.[\w-]+)+)$/;
const maximumFields = 4;

/**
 * Search words as a query of AWS fleet indexing; all of them have to match. A word is a part of the thing's name, or
 * `field:value`, where `*` stands for any characters, or a comparison of numbers such as `shadow.reported.temperature>8`.
 * Nothing that a person writes is read as an operator of the query.
 * @throws a refusal that says which word is not understood
 */
export function fleetQuery(search = ""): { query: string; terms: number } {
  if (search.length > 200) throw malformed({ path: "query", reason: "has more than 200 characters" });
  const words = search.split(/\s+/).filter((word) => word !== "" && word !== "AND");
  const named = words.filter((word) => /[:<>]/.test(word));
  if (named.length > maximumFields) {
    throw malformed({ path: "query", reason: `asks for ${named.length} fields; ${maximumFields} are the most` });
  }
  // AWS takes one wildcard at the beginning of a term per query, so parts of a name become one term.
  const parts = words.filter((word) => !named.includes(word)).map(escaped);
  const terms = [...(parts.length > 0 ? [`thingName:*${parts.join("*")}*`] : []), ...named.map(termOf)];
  return { query: terms.join(" AND ") || "thingName:*", terms: terms.length };
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

/** Things by their exact names, in queries of as many names as fit beside the search words. */
export function namedQueries({ query, terms }: { query: string; terms: number }, names: readonly string[]): string[] {
  const size = maximumTerms - terms;
  const queries: string[] = [];
  for (let at = 0; at < names.length; at += size) {
    const some = names
      .slice(at, at + size)
      .map(quoted)
      .join(" OR ");
    queries.push(terms > 0 ? `${query} AND thingName:(${some})` : `thingName:(${some})`);
  }
  return queries;
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
const escaped = (text: string) => text.replace(/[^a-zA-Z0-9_]/gu, "\\$&");
