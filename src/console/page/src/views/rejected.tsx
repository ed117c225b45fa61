// Who cannot be brought in line, and why.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ListError, Rejection } from "../api";
import { useLoad } from "../load";
import { Load, Missed, Time, ToEnvironment, ToPerson, ToRun } from "../parts";
import { href, note, type Route } from "../route";
import { Table, type Column } from "../table";
import { spaced } from "../words";

const columns: Column<Rejection>[] = [
  { label: "user", cell: (each) => <ToPerson id={each.object_id} name={each.domainname ?? each.place} />, sort: (each) => each.domainname },
  { label: "environment", cell: (each) => <ToEnvironment name={each.environment} />, sort: (each) => each.environment },
  { label: "reason", cell: (each) => spaced(each.reason), sort: (each) => each.reason },
  { label: "detail", cell: (each) => each.detail },
  { label: "since", cell: (each) => <Time at={each.since} />, sort: (each) => each.since },
  { label: "place", cell: (each) => each.place ?? "" },
  { label: "last met by", cell: (each) => <ToRun id={each.last_run_id} />, sort: (each) => each.last_run_id, numeric: true },
];

export function Rejected({ route }: { route: Route }): JSX.Element {
  const environment = route.query.get("environment") ?? "";
  const [wanted, want] = useState(route.query.get("q") ?? "");
  const rejected = useLoad<{ rejected: Rejection[]; more: boolean; errors: ListError[] }>("rejected", { environment, limit: 1000 });
  const search = (value: string): void => {
    want(value);
    note("q", value);
  };
  return (
    <>
      <h1 tabIndex={-1}>Rejected{environment && ` in ${environment}`}</h1>
      <p>Identities that cannot be brought in line, until they are right.</p>
      {environment && (
        <p>
          <a href={href(["rejected"])}>All environments</a>
        </p>
      )}
      <Load of={rejected}>
        {(value) => (
          <>
            <Missed errors={value.errors} />
            <Table
              caption="rejected identities"
              rows={value.rejected}
              columns={columns}
              id={(each) => `${each.environment} ${each.object_id ?? ""} ${each.place ?? ""} ${each.reason}`}
              words={(each) => `${each.domainname ?? ""} ${each.reason} ${each.detail} ${each.environment}`}
              search={{ value: wanted, onChange: search }}
              nothing="Nobody is rejected."
            />
            {value.more && <p class="faint">Only the first 1,000 are listed: dvsync log --rejected tells all.</p>}
          </>
        )}
      </Load>
    </>
  );
}
