import { backend } from "../../stacks/backend";
import type { StackConfig } from "../../stacks/config";

export const testConfig: StackConfig = {
  region: "eu-central-1",
  allowedAccountIds: ["123456789012"],
  permissionsBoundary: "",
  alarmEmails: ["oncall@example.com"],
  reminderEmails: ["owner@example.com"],
  reminderInterval: 300,
  reminderCount: 5,
  logRetentionInDays: 30,
  alarms: {},
  logExportUrl: "",
  logExportSecretArn: "",
  telemetryWindow: 60,
  apiCanaryPercent: 0,
  deviceLogConcurrency: 20,
  consoleDomain: "console.example.com",
  consoleCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
  rollout: "Canary10Percent30Minutes",
  protect: true,
  apps: ["cooler"],
  ownsAccountIot: true,
  devices: ["cooler-1"],
  deviceVersions: { "cooler-1": "1.0" },
};

/** The whole backend, as every stack composes it. */
export const program = (config: Partial<StackConfig> = {}) => backend({ ...testConfig, ...config });
