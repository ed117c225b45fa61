// Lag and changes over time: SVG of our own, and the same figures as a table for whoever does not see it.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Run } from "./api";
import { Time, ToEnvironment, ToRun } from "./parts";
import { ticks, timeTicks } from "./scale";
import { Table } from "./table";
import { changesOf, count, lasted, localTime, number, wholeLength } from "./words";

const height = 200;
const edge = { left: 72, right: 12, top: 10, bottom: 26 };
const kinds = ["created", "enabled", "updated", "disabled"] as const;

function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [width, set] = useState(640);
  const observer = useRef<ResizeObserver | null>(null);
  useEffect(() => () => observer.current?.disconnect(), []);
  const watch = (element: HTMLElement | null): void => {
    if (element === null || observer.current) return;
    observer.current = new ResizeObserver(() => set(element.clientWidth));
    observer.current.observe(element);
    set(element.clientWidth);
  };
  return [watch, width];
}

interface Frame {
  width: number;
  from: number;
  to: number;
  marks: number[];
  mark: (value: number) => string;
}
const x = ({ width, from, to }: Frame, time: number): number => edge.left + ((time - from) / Math.max(1, to - from)) * (width - edge.left - edge.right);
const y = ({ marks }: Frame, value: number): number => height - edge.bottom - (value / (marks.at(-1) ?? 1)) * (height - edge.top - edge.bottom);

function Axes({ frame }: { frame: Frame }): JSX.Element {
  const short = (time: number): string => localTime(time).slice(5, 16);
  return (
    <g class="axes">
      {frame.marks.map((value) => (
        <g key={value}>
          <line x1={edge.left} x2={frame.width - edge.right} y1={y(frame, value)} y2={y(frame, value)} />
          <text x={edge.left - 6} y={y(frame, value) + 4} text-anchor="end">
            {frame.mark(value)}
          </text>
        </g>
      ))}
      <text x={edge.left} y={height - 6}>
        {short(frame.from)}
      </text>
      <text x={frame.width - edge.right} y={height - 6} text-anchor="end">
        {short(frame.to)}
      </text>
    </g>
  );
}

function LagPlot({ runs, span }: { runs: Run[]; span: Span }): JSX.Element {
  const points = runs.flatMap((run) => (run.lag_ms === null ? [] : [{ at: timeOf(run), lag: run.lag_ms, id: run.run_id }]));
  const most = Math.max(0, ...points.map((point) => point.lag));
  const frame: Frame = { ...span, marks: timeTicks(most), mark: wholeLength };
  const told = points.length === 0 ? "No run tells its lag." : `Lag of ${count(points.length, "run", "runs")}: at most ${lasted(most)}, of the latest ${lasted(points.at(-1)?.lag ?? 0)}.`;
  return (
    <figure>
      <figcaption>Lag: from the change in the directory to the row. {told}</figcaption>
      <svg role="img" aria-label={told} width={span.width} height={height}>
        <Axes frame={frame} />
        <polyline class="lag" points={points.map((point) => `${x(frame, point.at)},${y(frame, point.lag)}`).join(" ")} />
        {points.map((point, place) => (
          <circle key={place} class="lag" cx={x(frame, point.at)} cy={y(frame, point.lag)} r="3">
            <title>{`run ${point.id}, ${localTime(point.at)}: ${lasted(point.lag)}`}</title>
          </circle>
        ))}
      </svg>
    </figure>
  );
}

function Bar({ run, frame }: { run: Run; frame: Frame }): JSX.Element {
  let below = 0;
  return (
    <g>
      <title>{`run ${run.run_id}, ${localTime(timeOf(run))}: ${kinds.map((kind) => `${run.counters[kind] ?? 0} ${kind}`).join(", ")}`}</title>
      {kinds.map((kind) => {
        const value = run.counters[kind] ?? 0;
        const top = y(frame, below + value);
        const size = y(frame, below) - top;
        below += value;
        return value === 0 ? null : <rect key={kind} class={kind} x={x(frame, timeOf(run)) - 3} width="6" y={top} height={size} />;
      })}
    </g>
  );
}

function ChangesPlot({ runs, span }: { runs: Run[]; span: Span }): JSX.Element {
  const most = Math.max(0, ...runs.map((run) => changesOf(run.counters)));
  const sum = runs.reduce((all, run) => all + changesOf(run.counters), 0);
  const frame: Frame = { ...span, marks: ticks(most, 4, true), mark: number };
  const told = `${count(sum, "change", "changes")} in ${count(runs.length, "run", "runs")}, at most ${number(most)} in one.`;
  return (
    <figure>
      <figcaption>
        Changes: {told}
        <ul class="legend">
          {kinds.map((kind) => (
            <li key={kind}>
              <svg width="12" height="12" aria-hidden="true">
                <rect class={kind} width="12" height="12" />
              </svg>
              {kind}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg role="img" aria-label={told} width={span.width} height={height}>
        <Axes frame={frame} />
        {runs.map((run) => (
          <Bar key={`${run.environment} ${run.run_id}`} run={run} frame={frame} />
        ))}
      </svg>
    </figure>
  );
}

type Span = Pick<Frame, "width" | "from" | "to">;
const timeOf = (run: Run): number => Date.parse(run.finished_at ?? run.started_at);

export function Plots({ runs }: { runs: Run[] }): JSX.Element {
  const [watch, width] = useWidth();
  const ended = runs.filter((run) => run.outcome !== null).toSorted((a, b) => timeOf(a) - timeOf(b));
  if (ended.length === 0) return <p>No run has ended yet.</p>;
  const times = ended.map(timeOf);
  const span = { width, from: times[0] ?? 0, to: times.at(-1) ?? 0 };
  return (
    <div class="plots" ref={watch}>
      <LagPlot runs={ended} span={span} />
      <ChangesPlot runs={ended} span={span} />
      <details>
        <summary>The figures as a table</summary>
        <Table
          caption="lag and changes of runs"
          rows={ended.toReversed()}
          id={(run) => `${run.environment} ${run.run_id}`}
          nothing="No run has ended yet."
          perPage={20}
          columns={[
            { label: "run", cell: (run) => <ToRun id={run.run_id} />, sort: (run) => run.run_id },
            { label: "environment", cell: (run) => <ToEnvironment name={run.environment} />, sort: (run) => run.environment },
            { label: "ended", cell: (run) => <Time at={run.finished_at} />, sort: timeOf },
            { label: "lag", cell: (run) => (run.lag_ms === null ? "" : lasted(run.lag_ms)), sort: (run) => run.lag_ms, numeric: true },
            ...kinds.map((kind) => ({ label: kind, cell: (run: Run) => number(run.counters[kind] ?? 0), sort: (run: Run) => run.counters[kind] ?? 0, numeric: true })),
          ]}
        />
      </details>
    </div>
  );
}
