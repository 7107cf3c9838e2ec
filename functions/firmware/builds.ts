/*
 * Versions are for people, builds are for comparing.
 *
 * Fleet queries compare what looks like a number as a number and anything else not at all: "1.10" is 1.1 and so below "1.9",
 * and "1.2.3" is below nothing. So a version is turned into one whole number, here and nowhere else.
 */

/** The highest parts a version may have: every build fits into 32 bits, with a sign, for small devices. */
const highest = { major: 2146, minor: 999, patch: 999 };

/** What is wrong with a version, or undefined when it has a build. */
export function versionProblem(version: unknown): string | undefined {
  if (typeof version !== "string") return `must be a text such as "2.0" or "2.0.1", not ${JSON.stringify(version)}`;
  const shown = JSON.stringify(version.length > 40 ? `${version.slice(0, 40)}...` : version);
  if (/^\d+(\.\d+)*[-+]/.test(version)) {
    return `${shown} has a suffix; pre-releases and build metadata have no place in an order of whole numbers`;
  }
  if (/^\d+$/.test(version)) return `${shown} has only one part; write "${version}.0"`;
  if (!/^\d+\.\d+(\.\d+)?$/.test(version))
    return `${shown} is not two or three numbers with dots, such as "2.0" or "2.0.1"`;
  const parts = version.split(".");
  const padded = parts.find((part) => /^0\d/.test(part));
  if (padded !== undefined) return `${shown} has a leading zero in "${padded}"`;
  for (const [at, [name, limit]] of Object.entries(highest).entries()) {
    if (Number(parts[at] ?? 0) > limit) return `${shown} has the ${name} part ${parts[at]}; ${limit} is the highest`;
  }
  return undefined;
}

/**
 * The build of a version: `major * 1,000,000 + minor * 1,000 + patch`, so that 1.9 < 1.10 < 2.0 = 2.0.0 < 2.0.1.
 * @throws Error with the reason, for what is not `major.minor` or `major.minor.patch`
 */
export function buildOf(version: string): number {
  const problem = versionProblem(version);
  if (problem) throw new Error(problem);
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return major * 1_000_000 + minor * 1_000 + patch;
}
