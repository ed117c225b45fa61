// One run, in each environment: its phases, what it counted, held and changed.
import type { JSX } from "preact";
import type { Change, ListError, Run as LoggedRun, RunWithHolds } from "../api";
import { useLoad } from "../load";
import { Facts, FieldList, Load, Missed, Outcome, Time, ToEnvironment, ToPerson, ToRun } from "../parts";
import { Table } from "../table";
import { lasted, localTime, number, outcomeOf, spaced } from "../words";
import { HoldTable } from "./held";

type Phases = NonNullable<LoggedRun["phases"]>;
const phases: ["reading_ms" | "planning_ms" | "writing_ms", string][] = [
  ["reading_ms", "reading the directory"],
  ["planning_ms", "planning"],
  ["writing_ms", "writing"],
];

function PhaseBar({ of: each }: { of: Phases }): JSX.Element {
  const sum = Math.max(1, phases.reduce((all, [key]) => all + each[key], 0));
  let from = 0;
  return (
    <>
      <svg class="phases" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {phases.map(([key]) => {
          const [x, width] = [from, (100 * each[key]) / sum];
          from += width;
          return <rect key={key} class={key} x={x} width={width} height="6" />;
        })}
      </svg>
      <ul class="legend">
        {phases.map(([key, words]) => (
          <li key={key}>
            <svg width="12" height="12" aria-hidden="true">
              <rect class={key} width="12" height="12" />
            </svg>
            {words}: {lasted(each[key])}
          </li>
        ))}
      </ul>
      <p>
        {number(each.records)} records came from the directory; {number(each.moved)} identities moved.
      </p>
    </>
  );
}

const Lines = ({ title, of }: { title: string; of: string[] }): JSX.Element | null =>
  of.length === 0 ? null : (
    <>
      <h3>{title}</h3>
      <ul>
        {of.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );

const InEnvironment = ({ run }: { run: RunWithHolds }): JSX.Element => (
  <section>
    <h2>
      In <ToEnvironment name={run.environment} />
    </h2>
    <Facts
      of={[
        ["outcome", <Outcome outcome={outcomeOf(run)} />],
        ["kind", run.why_full ? `${run.kind}: ${run.why_full}` : run.kind],
        ["trigger", spaced(run.trigger)],
        ["began", <Time at={run.started_at} />],
        ["ended", run.finished_at ? <Time at={run.finished_at} /> : "not yet"],
        ["lag", run.lag_ms === null ? "not told" : lasted(run.lag_ms)],
        ["asked for by", run.requested_by ?? "the schedule"],
        ...(run.answers === null ? [] : ([["answers", <ToRun id={run.answers} />]] as [string, JSX.Element][])),
        ...(run.comment === null ? [] : ([["comment", run.comment]] as [string, string][])),
        ...(run.detail === null ? [] : ([["detail", run.detail]] as [string, string][])),
        ...(run.plan === null ? [] : ([["saved plan", run.plan]] as [string, string][])),
      ]}
    />
    <h3>Phases</h3>
    {run.phases ? <PhaseBar of={run.phases} /> : <p>The run did not get to its end.</p>}
    <h3>Counted</h3>
    <Facts of={Object.entries(run.counters).map(([name, value]) => [name, number(value)])} />
    <Lines title="What was missing" of={run.missing} />
    <Lines title="Warnings" of={run.warnings} />
    <Lines title="Why the guard held" of={run.held_because} />
    {run.holds.length > 0 && (
      <>
        <h3>Held decisions</h3>
        <HoldTable run={run} />
      </>
    )}
  </section>
);

export const ChangeTable = ({ changes, more }: { changes: Change[]; more: boolean }): JSX.Element => (
  <>
    <Table
      caption="changes"
      rows={changes.toReversed()}
      id={(change) => `${change.environment} ${change.systemuserid} ${change.at}`}
      nothing="Nothing was changed."
      columns={[
        { label: "user", cell: (change) => <ToPerson id={change.object_id} name={change.domainname} />, sort: (change) => change.domainname },
        { label: "environment", cell: (change) => change.environment, sort: (change) => change.environment },
        { label: "action", cell: (change) => change.action, sort: (change) => change.action },
        { label: "reason", cell: (change) => spaced(change.reason), sort: (change) => change.reason },
        { label: "at", cell: (change) => localTime(change.at), sort: (change) => change.at },
        { label: "fields", cell: (change) => (Object.keys(change.fields).length > 0 ? <FieldList fields={change.fields} /> : "") },
      ]}
    />
    {more && <p class="faint">Older changes are left out: dvsync log --run N --limit 0 tells all.</p>}
  </>
);

export function Run({ id }: { id: string }): JSX.Element {
  const run = useLoad<{ runs: RunWithHolds[]; errors: ListError[] }>(`runs/${encodeURIComponent(id)}`);
  const changes = useLoad<{ changes: Change[]; more: boolean; errors: ListError[] }>(`runs/${encodeURIComponent(id)}/changes`, { limit: 1000 });
  return (
    <>
      <h1 tabIndex={-1}>Run {id}</h1>
      <Load of={run}>
        {(value) => (
          <>
            <Missed errors={value.errors} />
            {value.runs.map((each) => (
              <InEnvironment key={each.environment} run={each} />
            ))}
          </>
        )}
      </Load>
      <h2>Changes</h2>
      <Load of={changes}>{(value) => <ChangeTable changes={value.changes} more={value.more} />}</Load>
    </>
  );
}
