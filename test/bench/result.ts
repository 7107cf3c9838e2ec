/** What a measurement found. */
export interface BenchResult {
  readonly title: string;
  readonly rows: readonly { readonly what: string; readonly value: string; readonly note?: string }[];
}

export function textOf({ title, rows }: BenchResult): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map(({ what, value, note }) => `  ${what.padEnd(width)}  ${value}${note ? `  (${note})` : ""}`);
  return `${title}\n${lines.join("\n")}\n`;
}

export function markdownOf(results: readonly BenchResult[], machine: string, date: Date): string {
  const head = `# Figures

Measured by \`npm run bench\` on ${date.toISOString().slice(0, 10)}, on ${machine}. Compare ratios, not seconds: machines
differ, and this one was shared.
`;
  const tables = results.map(({ title, rows }) =>
    [
      `\n## ${title}\n`,
      "| what | measured | |",
      "| --- | --- | --- |",
      ...rows.map(({ what, value, note }) => `| ${[what, value, note ?? ""].map(escapePipes).join(" | ")} |`),
      "",
    ].join("\n"),
  );
  return head + tables.join("");
}

const escapePipes = (text: string) => text.replace(/\|/g, "\\|");

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}

export const milliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** p50, p95 and the largest, in milliseconds. */
export const spread = (values: readonly number[]) =>
  `p50 ${milliseconds(percentile(values, 0.5))}, p95 ${milliseconds(percentile(values, 0.95))}, max ${milliseconds(Math.max(...values))}`;
