/** A point of a chart: milliseconds since 1970, and a value. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Scale {
  readonly minimum: number;
  readonly maximum: number;
  readonly ticks: readonly number[];
}

/** Round numbers that hold all values, with about `count` ticks between them. */
export function niceScale(values: readonly number[], count = 4): Scale {
  const finite = values.filter(Number.isFinite);
  let low = finite.length > 0 ? Math.min(...finite) : 0;
  let high = finite.length > 0 ? Math.max(...finite) : 1;
  if (low === high) {
    low -= Math.abs(low) * 0.1 || 1;
    high += Math.abs(high) * 0.1 || 1;
  }
  const raw = (high - low) / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= raw) as number;
  const minimum = Math.floor(low / step) * step;
  const ticks: number[] = [];
  for (let at = 0; ; at += 1) {
    const tick = Number((minimum + at * step).toPrecision(12));
    ticks.push(tick);
    if (tick >= high) return { minimum: ticks[0] as number, maximum: tick, ticks };
  }
}

/** The SVG path through points; it is broken where none came for longer than `gap` milliseconds. */
export function linePath(
  points: readonly Point[],
  toX: (at: number) => number,
  toY: (value: number) => number,
  gap = Number.POSITIVE_INFINITY,
): string {
  let before: number | undefined;
  return points
    .map(({ at, value }) => {
      const command = before === undefined || at - before > gap ? "M" : "L";
      before = at;
      return `${command}${toX(at).toFixed(1)} ${toY(value).toFixed(1)}`;
    })
    .join("");
}
