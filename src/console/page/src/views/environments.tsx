// All environments, with their state and lag.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { EnvironmentStatus, Status } from "../api";
import { useLoad } from "../load";
import { Load, Outcome, ToEnvironment, ToRun } from "../parts";
import { note, type Route } from "../route";
import { Table, type Column } from "../table";
import { ago, changesInWords, changesOf, count, number, outcomeOf } from "../words";

export const stateOf = (each: EnvironmentStatus): string => (each.error !== null ? "unknown" : each.last_run ? outcomeOf(each.last_run) : "never run");

export function lagOf(each: EnvironmentStatus): string {
  if (each.error !== null) return "";
  if (each.watermark === null) return "everybody";
  return each.behind === 0 ? "none" : count(each.behind, "identity", "identities");
}

export const heldOf = (each: EnvironmentStatus): number => each.held.reduce((sum, held) => sum + held.decisions, 0);

const columns: Column<EnvironmentStatus>[] = [
  { label: "environment", cell: (each) => <ToEnvironment name={each.name} />, sort: (each) => each.name },
  { label: "state", cell: (each) => <Outcome outcome={stateOf(each)} />, sort: stateOf },
  { label: "lag", cell: lagOf, sort: (each) => (each.watermark === null ? Number.MAX_SAFE_INTEGER : each.behind), numeric: true },
  { label: "in line", cell: (each) => ago(each.in_line_seconds_ago), sort: (each) => each.in_line_seconds_ago, numeric: true },
  { label: "last run", cell: (each) => each.last_run && <ToRun id={each.last_run.run_id} />, sort: (each) => each.last_run?.run_id ?? null, numeric: true },
  { label: "ended", cell: (each) => ago(each.ended_seconds_ago), sort: (each) => each.ended_seconds_ago, numeric: true },
  { label: "changes", cell: (each) => each.last_run && changesInWords(each.last_run.counters), sort: (each) => each.last_run && changesOf(each.last_run.counters) },
  { label: "held", cell: (each) => number(heldOf(each)), sort: heldOf, numeric: true },
  { label: "rejected", cell: (each) => number(each.rejected), sort: (each) => each.rejected, numeric: true },
];

export function Environments({ route }: { route: Route }): JSX.Element {
  const status = useLoad<Status>("status", {}, 15000);
  const [wanted, want] = useState(route.query.get("q") ?? "");
  const search = (value: string): void => {
    want(value);
    note("q", value);
  };
  return (
    <>
      <h1 tabIndex={-1}>Environments</h1>
      <Load of={status}>
        {({ environments }) => (
          <Table
            caption="environments"
            rows={environments}
            columns={columns}
            id={(each) => each.name}
            words={(each) => `${each.name} ${stateOf(each)}`}
            search={{ value: wanted, onChange: search }}
            nothing="No environment is configured."
          />
        )}
      </Load>
    </>
  );
}
