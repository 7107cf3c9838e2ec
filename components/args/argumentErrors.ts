import * as pulumi from "@pulumi/pulumi";

/** What is wrong with a value, or undefined when it is fine. */
export type Check<T> = (value: T) => string | undefined;

/**
 * Collects what is wrong with a component's arguments, so that a user sees every bad property at once and before any
 * resource is made. A constructor checks its arguments, calls {@link throwIfAny}, and only then makes resources.
 */
export class ArgumentErrors {
  private readonly errors: { propertyPath: string; reason: string }[] = [];

  /** @param component The component and its name, as the user wrote them: `AnomalyReminder "overheated"`. */
  constructor(private readonly component: string) {}

  /** Notes a problem with one property. */
  add(propertyPath: string, reason: string): void {
    this.errors.push({ propertyPath, reason });
  }

  /** Checks a value that is known now; undefined is left to the caller's default. */
  check<T>(propertyPath: string, value: T | undefined, check: Check<T>): void {
    if (value === undefined) return;
    const reason = check(value);
    if (reason) this.add(propertyPath, reason);
  }

  /**
   * Checks an input. A plain value is checked at once; an Output fails the deployment when it resolves to something bad,
   * before anything that is made from it.
   */
  input<T>(propertyPath: string, value: pulumi.Input<T> | undefined, fallback: T, check: Check<T>): pulumi.Output<T> {
    if (!pulumi.Output.isInstance(value) && !(value instanceof Promise)) {
      this.check(propertyPath, value as T | undefined, check);
      return pulumi.output((value ?? fallback) as T) as pulumi.Output<T>;
    }
    return pulumi.output(value).apply((resolved) => {
      const settled = (resolved ?? fallback) as T;
      const reason = check(settled);
      if (reason) throw this.error([{ propertyPath, reason }]);
      return settled;
    });
  }

  throwIfAny(): void {
    if (this.errors.length > 0) throw this.error(this.errors);
  }

  private error(errors: { propertyPath: string; reason: string }[]): pulumi.InputPropertiesError {
    const lines = errors.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
    return new pulumi.InputPropertiesError({
      message: `${this.component} has ${errors.length === 1 ? "a bad argument" : "bad arguments"}:\n${lines.join("\n")}`,
      errors,
    });
  }
}
