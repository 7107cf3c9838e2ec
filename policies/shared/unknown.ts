// Not part of @pulumi/policy's public API, but the only way to tell "not known during preview" from an error of our own.
const { UnknownValueError } = require("@pulumi/policy/proxy") as { UnknownValueError: new (...args: never[]) => Error };

/** Whether an error says that a value is not known during preview. */
export const isUnknownValueError = (error: unknown): error is Error => error instanceof UnknownValueError;
