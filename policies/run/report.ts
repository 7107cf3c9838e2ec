import type { CheckResult, Violation } from "./checkStack";

/** How a part of the report looks; plain text where nobody looks at a terminal. */
type Paint = (text: string) => string;

interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
}

export function palette(colours: boolean): Palette {
  const paint = (code: number): Paint => (colours ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return { bold: paint(1), dim: paint(2), red: paint(31), yellow: paint(33), green: paint(32) };
}

/** The result for people: violations by resource, mandatory ones first, then what was mended, what was not seen, a summary. */
export function report(result: CheckResult, { bold, dim, red, yellow, green }: Palette): string {
  const lines: string[] = [];
  for (const [urn, violations] of byResource(result.violations)) {
    lines.push(bold(violations[0]?.name ?? urn) + dim(`  ${violations[0]?.type}`));
    for (const { level, policy, pack, message } of violations) {
      const [rule, ...rest] = message.split("\n");
      lines.push(
        `  ${level === "mandatory" ? red("✗ mandatory") : yellow("! advisory")}  ${bold(policy)} ${dim(`(${pack})`)}`,
      );
      lines.push(`    ${rule}`, ...rest.map((line) => `      ${line}`));
    }
    lines.push("");
  }
  for (const { policy, name } of result.remediations) lines.push(`${green("✓ mended")}  ${name}: ${policy}`);
  for (const note of result.notes) lines.push(`${dim("not seen:")} ${note}`);
  return [...lines, summary(result, { red, yellow, green })].join("\n");
}

function summary(result: CheckResult, { red, yellow, green }: Pick<Palette, "red" | "yellow" | "green">): string {
  const mandatory = result.violations.filter(({ level }) => level === "mandatory").length;
  const advisory = result.violations.length - mandatory;
  const counts = [
    (mandatory > 0 ? red : green)(`${mandatory} mandatory`),
    (advisory > 0 ? yellow : green)(`${advisory} advisory`),
    `${result.remediations.length} mended`,
  ];
  const { program, policies } = result.seconds;
  return (
    `${result.policies} policies over ${result.resources} resources: ${counts.join(", ")} ` +
    `(program ${program.toFixed(1)} s, policies ${policies.toFixed(1)} s)`
  );
}

function byResource(violations: readonly Violation[]): [string, Violation[]][] {
  const groups = new Map<string, Violation[]>();
  for (const violation of violations) groups.set(violation.urn, [...(groups.get(violation.urn) ?? []), violation]);
  const rank = ({ level }: Violation) => (level === "mandatory" ? 0 : 1);
  return [...groups].map(([urn, found]) => [urn, found.sort((one, other) => rank(one) - rank(other))]);
}
