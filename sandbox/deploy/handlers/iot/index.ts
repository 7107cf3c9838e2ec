import type { Handlers } from "../../handler";
import { provisioningTemplate } from "./provisioningTemplate";
import { thing, thingGroup, thingPrincipalAttachment, thingType } from "./registry";
import { certificate, policy, policyAttachment } from "./security";
import { eventConfigurations, indexingConfiguration } from "./settings";
import { topicRule } from "./topicRule";

export const handlers: Handlers = {
  "aws:iot/thing:Thing": thing,
  "aws:iot/thingType:ThingType": thingType,
  "aws:iot/thingGroup:ThingGroup": thingGroup,
  "aws:iot/thingPrincipalAttachment:ThingPrincipalAttachment": thingPrincipalAttachment,
  "aws:iot/certificate:Certificate": certificate,
  "aws:iot/policy:Policy": policy,
  "aws:iot/policyAttachment:PolicyAttachment": policyAttachment,
  "aws:iot/topicRule:TopicRule": topicRule,
  "aws:iot/provisioningTemplate:ProvisioningTemplate": provisioningTemplate,
  "aws:iot/eventConfigurations:EventConfigurations": eventConfigurations,
  "aws:iot/indexingConfiguration:IndexingConfiguration": indexingConfiguration,
};
