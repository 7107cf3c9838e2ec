import { parseJson } from "../../message";
import { isArray, isObject, type Json, keyReader, setKeys, toInt, toText, UNDEFINED, type Value } from "../values";
import type { Functions, SqlFunction } from "./function";

/** The element of an array or the character of a string at an index from 0, or the value of an object's key. */
const get: SqlFunction = {
  arity: [2, 2],
  call: ([from, index]) => {
    if (typeof from === "string" || isArray(from!)) return from[toInt(index!)] ?? UNDEFINED;
    return typeof index === "string" ? keyReader(index)(from!) : UNDEFINED;
  },
};

/** `base64` of the payload's own bytes, or of a value's string form. */
const encode: SqlFunction = {
  arity: [2, 2],
  call: ([value, scheme]) => {
    const text = toText(value!);
    return scheme === "base64" && text !== UNDEFINED ? Buffer.from(text, "utf8").toString("base64") : UNDEFINED;
  },
  callOnPayload: ([scheme], message) => (scheme === "base64" ? message.payload.toString("base64") : UNDEFINED),
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}\s*$/;

/** The JSON value in the decoded text, else that text, and Null when the value is not base64 of any text. */
const decode: SqlFunction = {
  arity: [2, 2],
  call: ([value, scheme]) => {
    const encoded = toText(value!);
    if (scheme !== "base64" || encoded === UNDEFINED) return UNDEFINED;
    if (!BASE64.test(encoded)) return null;
    const bytes = Buffer.from(encoded, "base64");
    const json = parseJson(bytes);
    return json === UNDEFINED ? bytes.toString("utf8") : json;
  },
};

/** `transform("enrichArray", object, array)`: the object's attributes in each element. */
const transform: SqlFunction = {
  arity: [3, 3],
  call: ([mode, object, array]) => {
    if (mode !== "enrichArray" || !isObject(object!) || !isArray(array!)) return UNDEFINED;
    const enriched: Json[] = [];
    for (const element of array) {
      if (!isObject(element)) return UNDEFINED;
      const item: Record<string, Json> = {};
      setKeys(item, element);
      setKeys(item, object!);
      enriched.push(item);
    }
    return enriched;
  },
};

function test(holds: (value: Value) => boolean): SqlFunction {
  return { arity: [1, 1], call: ([value]) => holds(value!) };
}

export const structureFunctions: Functions = {
  get,
  encode,
  decode,
  transform,
  isnull: test((value) => value === null),
  isundefined: test((value) => value === UNDEFINED),
  get_or_default: {
    arity: [2, 2],
    call: ([value, instead]) => (value === UNDEFINED || value === null ? instead! : value!),
  },
};
