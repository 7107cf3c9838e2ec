import { randomUUID } from "node:crypto";
import type { AwsTarget } from "../aws";
import type { Context } from "./context";
import type { Properties } from "./handler";
import { defaultProviderInputs, providerContext } from "./providerConfig";

/** The providers of one run: the default one, from configuration, and those the program makes. */
export class ProviderContexts {
  private readonly byReference = new Map<string, Context>();
  private defaultContext: Context | undefined;

  constructor(
    private readonly cloud: AwsTarget,
    private readonly config: Readonly<Record<string, string>>,
  ) {}

  /**
   * Takes up a provider that the program makes; returns its id.
   *
   * @throws for providers of anything but AWS
   */
  add(urn: string, type: string, inputs: Properties): string {
    if (type !== "pulumi:providers:aws") {
      throw new Error(`the local cloud is AWS only; it has no provider for ${type}`);
    }
    const id = randomUUID();
    this.byReference.set(`${urn}::${id}`, providerContext(this.cloud, inputs));
    return id;
  }

  /** The context of a reference `<urn>::<id>`, or of the default provider; `region` is the resource's own, if any. */
  of(reference: string | undefined, region: unknown): Context {
    this.defaultContext ??= providerContext(this.cloud, defaultProviderInputs(this.config));
    return ((reference && this.byReference.get(reference)) || this.defaultContext).inRegion(region);
  }
}
