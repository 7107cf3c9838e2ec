import type { Context } from "./context";
import type { AutoName } from "./names";

/** What a program hands over and reads back: @pulumi/aws's own property names, values plain. */
export type Properties = Record<string, unknown>;

/** The plain values behind Pulumi's `Input<T>` types; resources stand as their ids, so only the strings are left. */
export type Plain<T> = T extends { readonly urn: unknown }
  ? never
  : T extends Promise<infer U>
    ? Plain<U>
    : T extends { apply(...args: never[]): unknown; get(): infer U }
      ? Plain<U>
      : T extends readonly (infer U)[]
        ? Plain<U>[]
        : T extends object
          ? { [K in keyof T]: Plain<T[K]> }
          : T;

/** Inputs of one type, e.g. `Inputs<aws.sqs.QueueArgs>`, with the tags to put on it (provider defaults merged in). */
export type Inputs<Args> = Plain<Args> & { readonly tagsAll?: Record<string, string> };

/** Any part of the properties of one type, e.g. `Outputs<aws.sqs.QueueState>`. */
export type Outputs<State> = Partial<Plain<State>>;

/** What a handler may know of the resource beside its inputs. */
export interface ResourceName {
  readonly urn: string;
  /** The logical name, e.g. `failures`. */
  readonly name: string;
}

export interface Created<State> {
  readonly id: string;
  /** Only what `read` cannot see later, e.g. a private key. */
  readonly outputs?: Outputs<State>;
  /** What only further calls can set; when it fails, the resource is taken away again. */
  readonly finish?: () => Promise<unknown>;
  /** What AWS goes on doing when others can already refer to the resource; the deployment ends after it. */
  readonly settled?: Promise<void>;
}

/**
 * The life of one resource type on the local cloud, in @pulumi/aws's property names.
 *
 * `create` and `update` return little: what the program reads comes from `read`, so an output is never something that
 * AWS does not say itself, and the same mapping serves refresh.
 */
export interface ResourceHandler<Args = Properties, State = Properties> {
  /** How a name is made when the program gives none; most types: property `name`, 255 characters, `-`. */
  readonly autoName?: AutoName;
  /** Whether the type takes tags; the provider's default tags are merged in. */
  readonly tagged?: boolean;
  /** Inputs whose change replaces the resource. */
  readonly replaceOn?: readonly (keyof Args & string)[];
  /** The old one must go first, because two of them are the same thing to AWS. */
  readonly deleteBeforeReplace?: boolean;
  /** Inputs that steer deletion, or the AWS provider itself: `create` has no use for them. */
  readonly notAtCreate?: readonly (keyof Args & string)[];
  /** Outputs that any update may change, so that a preview cannot know them. */
  readonly volatile?: readonly (keyof State & string)[];
  /** An input that AWS does not give back, and the output that tells when it changed. */
  readonly content?: { readonly inputs: readonly (keyof Args & string)[]; readonly hash: keyof State & string };
  /** Outputs that are always secret. */
  readonly secretOutputs?: readonly (keyof State & string)[];
  create(inputs: Inputs<Args>, ctx: Context, resource: ResourceName): Promise<string | Created<State>>;
  /** The resource as AWS has it now; undefined when it is gone. `state` is what was known of it. */
  read(id: string, state: Outputs<State>, ctx: Context): Promise<Outputs<State> | undefined>;
  /** Absent: every change replaces. */
  update?(id: string, news: Inputs<Args>, olds: Outputs<State>, ctx: Context): Promise<void>;
  /** One that is gone already is fine. */
  delete(id: string, state: Outputs<State>, ctx: Context): Promise<void>;
}

/** The types of one service: type token -> handler. */
// biome-ignore lint/suspicious/noExplicitAny: handlers of many argument types share one table.
export type Handlers = Readonly<Record<string, ResourceHandler<any, any>>>;
