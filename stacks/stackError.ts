import * as pulumi from "@pulumi/pulumi";

/** A mistake of whoever deploys, in words for them: the engine prints the message and no stack trace. */
export class StackError extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    // Pulumi's SDK looks through a trace for half a minute before it leaves it out.
    this.stack = "";
  }
}
