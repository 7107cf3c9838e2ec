import type { Handlers } from "../../handler";
import { compositeAlarm, metricAlarm } from "./alarms";
import { eventRule, eventTarget } from "./events";
import { logGroup } from "./logGroup";

export const handlers: Handlers = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": compositeAlarm,
  "aws:cloudwatch/eventRule:EventRule": eventRule,
  "aws:cloudwatch/eventTarget:EventTarget": eventTarget,
};
