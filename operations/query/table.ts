/** Rows for people: columns of equal width, numbers to the right, and how many rows there are. */
export function asTable(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const text = rows.map((row) => columns.map((_, at) => row[at] ?? "NULL"));
  const widths = columns.map((name, at) => Math.max(name.length, ...text.map((row) => row[at]!.length)));
  const isNumber = columns.map((_, at) => rows.every((row) => row[at] === null || /^-?[\d.]+$/.test(row[at] ?? "")));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  const count = `${rows.length} row${rows.length === 1 ? "" : "s"}`;
  return `${[line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...text.map(line), "", count].join("\n")}\n`;
}
