import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  KMSClient,
  type KMSClientConfig,
  ListResourceTagsCommand,
  paginateListAliases,
  paginateListKeys,
} from "@aws-sdk/client-kms";
import { namesFor } from "./names";
import { type Settings, SettingsError } from "./settings";
import { ifThere, type Step } from "./step";

/** Marks a key as ours before it has its alias, so that an interrupted run costs no second key. */
const marker = "thingstack:bootstrap";

/**
 * The KMS key that encrypts the state bucket and the secrets of the stacks in this account and region.
 *
 * Its policy is KMS's default: the account's own IAM policies decide, so that the key can not be locked away.
 */
export class SecretsKey {
  /** Known once the first of the steps was looked at; stays undefined in a dry run of an account without the key. */
  arn: string | undefined;
  private readonly alias: string;

  constructor(
    private readonly kms: KMSClient,
    private readonly settings: Settings,
  ) {
    this.alias = namesFor(settings).keyAlias;
  }

  static of(config: KMSClientConfig, settings: Settings): SecretsKey {
    return new SecretsKey(new KMSClient(config), settings);
  }

  steps(): Step[] {
    return [
      {
        what: `KMS key ${this.alias}, for the secrets and the state`,
        isRight: async () => {
          const key = await this.find(this.alias);
          if (key && key.KeyState !== "Enabled") {
            throw new SettingsError(
              `The key ${key.Arn} behind ${this.alias} is ${key.KeyState}; states and secrets encrypted with it are unreadable. ` +
                "Cancel its deletion or enable it (aws kms cancel-key-deletion, aws kms enable-key), then run this again.",
            );
          }
          this.arn = key?.Arn;
          return key !== undefined;
        },
        make: async () => {
          const key = (await this.unfinished()) ?? (await this.create());
          await this.kms.send(new CreateAliasCommand({ AliasName: this.alias, TargetKeyId: key.KeyId }));
          this.arn = key.Arn;
        },
      },
      {
        what: `yearly rotation of ${this.alias}`,
        isRight: async () => {
          if (!this.arn) return false;
          const status = await this.kms.send(new GetKeyRotationStatusCommand({ KeyId: this.arn }));
          return status.KeyRotationEnabled === true;
        },
        make: async () => {
          await this.kms.send(new EnableKeyRotationCommand({ KeyId: this.arn }));
        },
      },
    ];
  }

  private async find(id: string): Promise<KeyMetadata | undefined> {
    const described = await ifThere(() => this.kms.send(new DescribeKeyCommand({ KeyId: id })), "NotFoundException");
    return described?.KeyMetadata;
  }

  private async create(): Promise<KeyMetadata> {
    const { KeyMetadata } = await this.kms.send(
      new CreateKeyCommand({
        Description: `State and secrets of ${this.settings.project}`,
        Tags: [
          { TagKey: marker, TagValue: this.settings.project },
          { TagKey: "Project", TagValue: this.settings.project },
        ],
      }),
    );
    return KeyMetadata!;
  }

  /** A key that an earlier run made and was interrupted before it could name it. */
  private async unfinished(): Promise<KeyMetadata | undefined> {
    const named = new Set<string>();
    for await (const page of paginateListAliases({ client: this.kms }, {})) {
      for (const alias of page.Aliases ?? []) if (alias.TargetKeyId) named.add(alias.TargetKeyId);
    }
    for await (const page of paginateListKeys({ client: this.kms }, {})) {
      for (const { KeyId } of page.Keys ?? []) {
        if (!KeyId || named.has(KeyId)) continue;
        // Keys that belong to AWS or to others may refuse to show their tags; they are not ours then.
        const tags = await ifThere(
          () => this.kms.send(new ListResourceTagsCommand({ KeyId })),
          "AccessDeniedException",
          "NotFoundException",
        );
        if (!tags?.Tags?.some((tag) => tag.TagKey === marker && tag.TagValue === this.settings.project)) continue;
        const key = await this.find(KeyId);
        if (key?.KeyState === "Enabled") return key;
      }
    }
    return undefined;
  }
}
