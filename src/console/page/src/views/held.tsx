// Decisions that the guard holds, with its arithmetic and each user; an operator approves or rejects them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Acts, type Act } from "../act";
import type { Hold, ListError, RunWithHolds } from "../api";
import { useLoad } from "../load";
import { Load, Missed, Time, ToEnvironment, ToPerson, ToRun } from "../parts";
import { href, type Route } from "../route";
import { Table, type Column } from "../table";
import { useMayAct } from "../who";
import { count, number, spaced } from "../words";

const isOpen = (hold: Hold): boolean => hold.answer === null && hold.ended === null;
// One request holds so many names (docs/console.md, Limits).
const mostNamed = 1000;

function Became({ of: hold }: { of: Hold }): JSX.Element {
  if (hold.ended !== null) {
    return (
      <>
        {spaced(hold.ended)}
        {hold.ended_run_id !== null && (
          <>
            {" "}
            by <ToRun id={hold.ended_run_id} />
          </>
        )}
      </>
    );
  }
  if (hold.answer === null) return <>waits for an answer</>;
  return (
    <>
      {hold.answer} by {hold.answered_by ?? "somebody"}, <Time at={hold.answered_at} />
      {hold.comment && `: ${hold.comment}`}
    </>
  );
}

interface Choice {
  chosen: ReadonlySet<string>;
  choose: (id: string, on: boolean) => void;
}

export function HoldTable({ run, choice }: { run: RunWithHolds; choice?: Choice }): JSX.Element {
  const [wanted, want] = useState("");
  const columns: Column<Hold>[] = [
    { label: "user", cell: (hold) => <ToPerson id={hold.object_id} name={hold.domainname} />, sort: (hold) => hold.domainname },
    { label: "would", cell: (hold) => hold.action, sort: (hold) => hold.action },
    { label: "class", cell: (hold) => hold.class, sort: (hold) => hold.class },
    { label: "reason", cell: (hold) => spaced(hold.reason), sort: (hold) => hold.reason },
    { label: "became", cell: (hold) => <Became of={hold} /> },
  ];
  if (choice) {
    const box = (hold: Hold): JSX.Element | string =>
      isOpen(hold) ? (
        <input
          type="checkbox"
          aria-label={`Choose ${hold.domainname ?? hold.object_id}`}
          checked={choice.chosen.has(hold.object_id)}
          onChange={(event) => choice.choose(hold.object_id, event.currentTarget.checked)}
        />
      ) : (
        ""
      );
    columns.push({ label: "choose", cell: box });
  }
  return (
    <Table
      caption={`users held by run ${run.run_id} in ${run.environment}`}
      rows={run.holds}
      columns={columns}
      id={(hold) => `${hold.object_id} ${hold.action} ${hold.class}`}
      words={(hold) => `${hold.domainname} ${hold.reason} ${hold.class}`}
      search={{ value: wanted, onChange: want }}
      nothing="Nobody is held."
      perPage={20}
    />
  );
}

function actsOn(run: RunWithHolds, chosen: ReadonlySet<string>, open: number): Act[] {
  const some = chosen.size > 0;
  const whom = count(some ? chosen.size : open, "decision", "decisions");
  const body = { environments: [run.environment], ...(some ? { users: [...chosen] } : {}) };
  const about = `${whom} that run ${run.run_id} holds in ${run.environment}${some ? ": the users you chose" : ""}.`;
  return [
    { title: `Approve ${whom}`, what: `Releases ${about} Everything is evaluated afresh, and what is still wanted is carried out at once.`, path: `runs/${run.run_id}/approve`, body, takesComment: true },
    { title: `Reject ${whom}`, what: `Refuses ${about} The rows stay as they are, until something else is decided about the users.`, path: `runs/${run.run_id}/reject`, body, takesComment: true },
  ];
}

function HeldRun({ run, after }: { run: RunWithHolds; after: () => void }): JSX.Element {
  const [chosen, set] = useState<ReadonlySet<string>>(new Set());
  const mayAct = useMayAct();
  const open = run.holds.filter(isOpen).length;
  const choose = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    set(next);
  };
  const answered = (): void => {
    set(new Set());
    after();
  };
  return (
    <section class="held">
      <h2>
        <ToRun id={run.run_id}>Run {run.run_id}</ToRun> in <ToEnvironment name={run.environment} />
      </h2>
      <p>
        {count(open, "decision waits", "decisions wait")}, since <Time at={run.finished_at ?? run.started_at} />.
      </p>
      <h3>Why the guard holds</h3>
      <ul class="arithmetic">
        {run.held_because.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {mayAct && open > 0 && chosen.size <= mostNamed && <Acts acts={actsOn(run, chosen, open)} after={answered} />}
      {mayAct && chosen.size > mostNamed && <p class="problem">At most {number(mostNamed)} users can be named at once. Choose nobody to mean all.</p>}
      <h3>Users</h3>
      {mayAct && open > 0 && <p>Choose users to answer for these alone; choose nobody to answer for all.</p>}
      <HoldTable run={run} {...(mayAct && open > 0 ? { choice: { chosen, choose } } : {})} />
    </section>
  );
}

export function Held({ route }: { route: Route }): JSX.Element {
  const environment = route.query.get("environment") ?? "";
  const held = useLoad<{ runs: RunWithHolds[]; errors: ListError[] }>("held", { environment });
  return (
    <>
      <h1 tabIndex={-1}>Held decisions{environment && ` in ${environment}`}</h1>
      {environment && (
        <p>
          <a href={href(["held"])}>All environments</a>
        </p>
      )}
      <Load of={held}>
        {(value) => (
          <>
            <Missed errors={value.errors} />
            {value.runs.length === 0 && <p>The guard holds nothing.</p>}
            {value.runs.map((run) => (
              <HeldRun key={`${run.environment} ${run.run_id}`} run={run} after={held.again} />
            ))}
          </>
        )}
      </Load>
    </>
  );
}
