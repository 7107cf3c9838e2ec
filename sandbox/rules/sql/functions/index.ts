import { contextFunctions } from "./context";
import type { Functions, SqlFunction } from "./function";
import { numberFunctions } from "./numbers";
import { parseTime } from "./parseTime";
import { regexFunctions } from "./regex";
import { structureFunctions } from "./structures";
import { textFunctions } from "./texts";

const functions: Functions = {
  ...contextFunctions,
  ...structureFunctions,
  ...numberFunctions,
  ...textFunctions,
  ...regexFunctions,
  parse_time: parseTime,
};

/** Functions of AWS IoT SQL that are not here. A rule that calls one is refused, so that no field goes missing. */
const NOT_IMPLEMENTED = new Set([
  "aws_lambda",
  "get_dynamodb",
  "get_mqtt_property",
  "get_registry_data",
  "get_secret",
  "get_thing_shadow",
  "get_user_properties",
  "machinelearning_predict",
  "md2",
  "time_to_epoch",
]);

/** By its name in any case. @returns a sentence for the author of the rule where there is none */
export function findFunction(name: string): SqlFunction | string {
  const key = name.toLowerCase();
  if (Object.hasOwn(functions, key)) return functions[key]!;
  return NOT_IMPLEMENTED.has(key)
    ? `The function ${key}() is not implemented by this rules engine`
    : `There is no function ${name}() in AWS IoT SQL`;
}
