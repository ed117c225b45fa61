// Runs, newest first, and lag and changes over time of all environments together.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { ListError, Run } from "../api";
import { useLoad } from "../load";
import { Load, Missed, Outcome, Time, ToEnvironment, ToRun } from "../parts";
import { Plots } from "../plot";
import { note, type Route } from "../route";
import { Table, type Column } from "../table";
import { changesInWords, changesOf, lasted, outcomeOf } from "../words";

const outcomes = ["succeeded", "incomplete", "held", "failed", "interrupted", "running"];
const tookMs = (run: Run): number | null => (run.finished_at === null ? null : Date.parse(run.finished_at) - Date.parse(run.started_at));

const columns: Column<Run>[] = [
  { label: "run", cell: (run) => <ToRun id={run.run_id} />, sort: (run) => run.run_id },
  { label: "environment", cell: (run) => <ToEnvironment name={run.environment} />, sort: (run) => run.environment },
  { label: "outcome", cell: (run) => <Outcome outcome={outcomeOf(run)} />, sort: outcomeOf },
  { label: "began", cell: (run) => <Time at={run.started_at} />, sort: (run) => run.started_at },
  { label: "took", cell: (run) => { const took = tookMs(run); return took === null ? "" : lasted(took); }, sort: tookMs, numeric: true },
  { label: "lag", cell: (run) => (run.lag_ms === null ? "" : lasted(run.lag_ms)), sort: (run) => run.lag_ms, numeric: true },
  { label: "kind", cell: (run) => run.kind, sort: (run) => run.kind },
  { label: "changes", cell: (run) => changesInWords(run.counters), sort: (run) => changesOf(run.counters) },
  { label: "asked for by", cell: (run) => run.requested_by ?? "", sort: (run) => run.requested_by },
];

export function RunTable({ runs, more, search }: { runs: Run[]; more: boolean; search?: { value: string; onChange: (value: string) => void } }): JSX.Element {
  return (
    <>
      <Table
        caption="runs"
        rows={runs.toReversed()}
        columns={columns}
        id={(run) => `${run.environment} ${run.run_id}`}
        words={(run) => `${run.run_id} ${run.environment} ${outcomeOf(run)} ${run.requested_by ?? ""}`}
        {...(search ? { search } : {})}
        nothing="There is no such run."
      />
      {more && <p class="faint">Older runs are left out: dvsync log --limit 0 tells all.</p>}
    </>
  );
}

export function Runs({ route }: { route: Route }): JSX.Element {
  const [outcome, chooseOutcome] = useState(route.query.get("outcome") ?? "");
  const [wanted, want] = useState(route.query.get("q") ?? "");
  const runs = useLoad<{ runs: Run[]; more: boolean; errors: ListError[] }>("runs", { limit: 1000, outcome });
  const id = useId();
  return (
    <>
      <h1 tabIndex={-1}>Runs</h1>
      <p class="field">
        <label for={id}>Outcome</label>
        <select
          id={id}
          value={outcome}
          onChange={(event) => {
            chooseOutcome(event.currentTarget.value);
            note("outcome", event.currentTarget.value);
          }}
        >
          <option value="">any</option>
          {outcomes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </p>
      <Load of={runs}>
        {(value) => (
          <>
            <Missed errors={value.errors} />
            <RunTable
              runs={value.runs}
              more={value.more}
              search={{
                value: wanted,
                onChange: (text) => {
                  want(text);
                  note("q", text);
                },
              }}
            />
            <h2>Lag and changes over time</h2>
            <Plots runs={value.runs} />
          </>
        )}
      </Load>
    </>
  );
}
