/** AWS IoT fleet indexing and dynamic thing groups for the local cloud. See docs/decisions/fleet-index.md. */
export { type FleetIndexFillOptions, fleetIndexFill } from "./fleetIndexFill";
export { compileQuery, type Predicate, type Searchable } from "./query/compile";
export { parseQuery, QueryError } from "./query/parse";
