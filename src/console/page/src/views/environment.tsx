// One environment: its state, lag and changes over time, and its runs.
import type { JSX } from "preact";
import type { EnvironmentStatus, Run, Status } from "../api";
import { useLoad } from "../load";
import { Facts, Load, Missed, Outcome } from "../parts";
import { Plots } from "../plot";
import { href } from "../route";
import { ago, number } from "../words";
import { heldOf, lagOf, stateOf } from "./environments";
import { RunTable } from "./runs";

interface Runs {
  runs: Run[];
  more: boolean;
  errors: { environment: string; error: string }[];
}

const State = ({ of: each }: { of: EnvironmentStatus }): JSX.Element => (
  <Facts
    of={[
      ["state", <Outcome outcome={stateOf(each)} />],
      ["lag", lagOf(each) || "not known"],
      ["in line", ago(each.in_line_seconds_ago) || "never"],
      ["failed runs in a row", number(each.failures)],
      ["incomplete runs in a row", number(each.incomplete)],
      ["held", <a href={href(["held"], { environment: each.name })}>{number(heldOf(each))}</a>],
      ["rejected", <a href={href(["rejected"], { environment: each.name })}>{number(each.rejected)}</a>],
      ["rows that others changed", each.rows_watched ? number(each.rows_touched) : "not watched"],
      ...(each.error ? ([["error", each.error]] as [string, string][]) : []),
    ]}
  />
);

export function Environment({ name }: { name: string }): JSX.Element {
  const status = useLoad<Status>("status", {}, 15000);
  const runs = useLoad<Runs>("runs", { environment: name, limit: 1000 });
  const each = status.value?.environments.find((environment) => environment.name === name);
  return (
    <>
      <h1 tabIndex={-1}>Environment {name}</h1>
      <Load of={status}>{() => (each ? <State of={each} /> : <p>The daemon has no status of this environment.</p>)}</Load>
      <h2>Lag and changes over time</h2>
      <Load of={runs}>
        {(value) => (
          <>
            <Missed errors={value.errors} />
            <Plots runs={value.runs} />
            <h2>Runs</h2>
            <RunTable runs={value.runs} more={value.more} />
          </>
        )}
      </Load>
    </>
  );
}
