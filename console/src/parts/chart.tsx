import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { areaPath, linePath, niceScale, type Span } from "../logic/chart";
import { clock } from "../logic/time";

const height = 180;
const margin = { top: 10, right: 10, bottom: 22, left: 44 };

/** A number over time: its average as a line, from the smallest to the largest as a band. */
export function Chart(props: {
  spans: readonly Span[];
  from: number;
  to: number;
  /** Milliseconds of one span; where one is missing, the line is broken. */
  step: number;
  label: string;
}) {
  const { spans, from, to, step } = props;
  const [box, width] = useWidth();
  const scale = niceScale(spans.flatMap(({ low, high }) => [low, high]));
  const inner = Math.max(1, width - margin.left - margin.right);
  const x = (at: number) => margin.left + (inner * (at - from)) / Math.max(1, to - from);
  const y = (value: number) =>
    margin.top +
    (height - margin.top - margin.bottom) * (1 - (value - scale.minimum) / (scale.maximum - scale.minimum));
  const points = spans.map(({ at, value }) => ({ at, value }));
  const times = Array.from({ length: Math.max(2, Math.floor(inner / 140)) }, (_, index) => index);
  return (
    <div ref={box}>
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={props.label}>
        {scale.ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
            <text x={margin.left - 8} y={y(tick)} text-anchor="end" dominant-baseline="central">
              {tick}
            </text>
          </g>
        ))}
        {times.map((index) => {
          const at = from + ((to - from) * index) / (times.length - 1);
          const anchor = index === 0 ? "start" : index === times.length - 1 ? "end" : "middle";
          return (
            <text key={index} x={x(at)} y={height - 4} text-anchor={anchor}>
              {clock(at, to).slice(0, -3)}
            </text>
          );
        })}
        <path class="range" d={areaPath(spans, x, y, step * 1.5)} />
        <path class="curve" d={linePath(points, x, y, step * 1.5)} />
        {spans.map(({ at, value }) => (
          <circle key={at} class="point" cx={x(at)} cy={y(value)} r={spans.length > 30 ? 1.5 : 2.5} />
        ))}
      </svg>
    </div>
  );
}

/** The width of an element in pixels, so that text in the drawing keeps its size. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [box, width] as const;
}
