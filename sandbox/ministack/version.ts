import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";

/** The packages of MiniStack's virtual environment, every version pinned. */
export const requirementsPath = path.join(__dirname, "requirements.txt");

const requirements = readFileSync(requirementsPath, "utf8");

/** The version of MiniStack the sandbox is written for and tested with. */
export const MINISTACK_VERSION = /^ministack==(\S+)$/m.exec(requirements)?.[1] ?? missingPin();

/** Changes whenever a pinned version does: an environment with another fingerprint is built anew. */
export const requirementsFingerprint = createHash("sha256").update(requirements).digest("hex").slice(0, 16);

function missingPin(): never {
  throw new Error(`${requirementsPath} pins no version of ministack; add a line "ministack==<version>".`);
}
