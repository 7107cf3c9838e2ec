import type { Pack } from "../shared/configuration";
import { descriptions } from "./descriptions";
import { lambdaJsonLogs } from "./lambdaJsonLogs";
import { lambdaLogGroup } from "./lambdaLogGroup";
import { lambdaRuntime } from "./lambdaRuntime";
import { logRetention } from "./logRetention";
import { requiredTags } from "./requiredTags";
import { resourceNames } from "./resourceNames";

/** What makes the resources of many teams look like one house. */
export const pack: Pack = {
  name: "thingstack-conventions",
  description: "Tags, names, descriptions, runtimes and logs of AWS resources follow one convention",
  policies: [requiredTags, resourceNames, descriptions, logRetention, lambdaLogGroup, lambdaRuntime, lambdaJsonLogs],
};
