/**
 * Evaluates AWS IoT policies the way AWS IoT does, so that tests can ask "may this device do that?" without an account.
 *
 * It is strict where a lenient answer could hide a hole: an element, an operator or a condition key that it does not
 * know is an error, never a quiet "allowed".
 */
export type { Connection, Decision, PolicyRequest } from "./evaluate";
export { evaluate } from "./evaluate";
export type { PolicyDocument } from "./policyDocument";
