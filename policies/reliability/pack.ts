import type { Pack } from "../shared/configuration";
import { accountSingletons } from "./accountSingletons";
import { alarmActions } from "./alarmActions";
import { alarmTopicKey } from "./alarmTopicKey";
import { asynchronousDestination } from "./asynchronousDestination";
import { failureQueueAlarm } from "./failureQueueAlarm";
import { queueRedrive } from "./queueRedrive";
import { reservedConcurrency } from "./reservedConcurrency";
import { ruleErrorAction } from "./ruleErrorAction";
import { statefulProtection } from "./statefulProtection";
import { stateMachineAlarm } from "./stateMachineAlarm";
import { stateMachineLogging } from "./stateMachineLogging";
import { streamFailurePath } from "./streamFailurePath";

/** What keeps messages and data from getting lost, and lets somebody know. */
export const pack: Pack = {
  name: "thingstack-reliability",
  description:
    "Every failure of an event-driven stack on AWS ends where an operator looks, and what holds data is protected",
  policies: [
    ruleErrorAction,
    asynchronousDestination,
    streamFailurePath,
    queueRedrive,
    failureQueueAlarm,
    alarmActions,
    alarmTopicKey,
    stateMachineLogging,
    stateMachineAlarm,
    statefulProtection,
    reservedConcurrency,
    accountSingletons,
  ],
};
