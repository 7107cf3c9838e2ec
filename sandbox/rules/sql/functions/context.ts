import { toNumber, UNDEFINED } from "../values";
import type { Functions } from "./function";

const UNKNOWN_PUBLISHER =
  "a subscriber of the broker does not learn who published; on AWS it is known. Take the thing's name from the topic";

/** What a rule can ask about the message and the world. */
export const contextFunctions: Functions = {
  /** The whole topic, or one segment of it, counted from 1. */
  topic: {
    arity: [0, 1],
    call: (args, message) => {
      if (args.length === 0) return message.topic;
      return message.topicSegments[Math.floor(toNumber(args[0]!)) - 1] ?? UNDEFINED;
    },
  },
  timestamp: { arity: [0, 0], call: (_, message) => message.timestamp },
  newuuid: { arity: [0, 0], call: (_, message) => message.environment.newUuid() },
  accountid: { arity: [0, 0], call: (_, message) => message.environment.accountId },
  traceid: { arity: [0, 0], call: (_, message) => message.traceId },
  sql_version: { arity: [0, 0], call: () => "2016-03-23" },
  // "n/a" is AWS's own word for a publisher without client id, so that the type stays a String.
  clientid: { arity: [0, 0], call: () => "n/a", warning: `clientid() is "n/a" here: ${UNKNOWN_PUBLISHER}` },
  principal: { arity: [0, 0], call: () => UNDEFINED, warning: `principal() is Undefined here: ${UNKNOWN_PUBLISHER}` },
  sourceip: { arity: [0, 0], call: () => UNDEFINED, warning: `sourceip() is Undefined here: ${UNKNOWN_PUBLISHER}` },
};
