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

/** A part of the time: where its middle is, and the smallest, average and largest value in it. */
export interface Span extends Point {
  readonly low: number;
  readonly high: number;
}

/** The SVG path around the band from the smallest to the largest values, in pieces where the line is broken. */
export function areaPath(
  spans: readonly Span[],
  toX: (at: number) => number,
  toY: (value: number) => number,
  gap = Number.POSITIVE_INFINITY,
): string {
  const pieces: Span[][] = [];
  for (const span of spans) {
    const last = pieces.at(-1);
    if (last && span.at - (last.at(-1) as Span).at <= gap) last.push(span);
    else pieces.push([span]);
  }
  const point = (at: number, value: number) => `${toX(at).toFixed(1)} ${toY(value).toFixed(1)}`;
  return pieces
    .map((piece) => {
      const above = piece.map(({ at, high }) => point(at, high));
      const below = piece.map(({ at, low }) => point(at, low)).reverse();
      return `M${[...above, ...below].join("L")}Z`;
    })
    .join("");
}
