/** A rule that AWS would refuse, or that this engine cannot play; the message names the property and the way out. */
export class InvalidRuleError extends Error {
  override readonly name = "InvalidRuleError";
}
