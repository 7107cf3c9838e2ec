/**
 * Types that have no behaviour on the local cloud: they are recorded with their inputs, not played, and the summary
 * says so. Type token -> why.
 */
export const recordedTypes: Readonly<Record<string, string>> = {
  "aws:cloudwatch/dashboard:Dashboard": "the local cloud has no console to show a dashboard in",
  "aws:cloudwatch/logDelivery:LogDelivery": "the local cloud delivers no access logs",
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": "the local cloud delivers no access logs",
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": "the local cloud delivers no access logs",
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": "the local cloud sends no logs to others",
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": "the local cloud sends nothing to others' endpoints",
  "aws:iot/loggingOptions:LoggingOptions": "MiniStack writes no logs of AWS IoT itself",
  "aws:xray/encryptionConfig:EncryptionConfig": "the local cloud has no X-Ray",
  "aws:xray/group:Group": "the local cloud has no X-Ray",
  "aws:xray/samplingRule:SamplingRule": "the local cloud has no X-Ray",
};
