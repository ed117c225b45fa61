// Search for a person.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { People as Found, Person } from "../api";
import { useLoad } from "../load";
import { Badge, Load, ToEnvironment, ToPerson } from "../parts";
import { go, type Route } from "../route";
import { Table, type Column } from "../table";
import { spaced } from "../words";

const Rows = ({ of: { rows } }: { of: Person }): JSX.Element =>
  rows.length === 0 ? (
    <>no row</>
  ) : (
    <ul class="rows">
      {rows.map((row) => (
        <li key={row.systemuserid}>
          <ToEnvironment name={row.environment} />{" "}
          <Badge tone={row.disabled ? "attention" : "good"}>{row.deleted ? "deleted" : row.disabled ? "disabled" : "enabled"}</Badge>
        </li>
      ))}
    </ul>
  );

const columns: Column<Person>[] = [
  { label: "user name", cell: (person) => <ToPerson id={person.object_id} name={person.user_name} />, sort: (person) => person.user_name },
  { label: "name", cell: (person) => person.display_name ?? "", sort: (person) => person.display_name },
  { label: "directory", cell: (person) => spaced(person.directory), sort: (person) => person.directory },
  { label: "rows", cell: (person) => <Rows of={person} /> },
];

export function People({ route }: { route: Route }): JSX.Element {
  const asked = route.query.get("q") ?? "";
  const [word, setWord] = useState(asked);
  const found = useLoad<Found>(asked ? "people" : null, { q: asked });
  const id = useId();
  const search = (event: Event): void => {
    event.preventDefault();
    go(["people"], word.trim() ? { q: word.trim() } : {});
  };
  return (
    <>
      <h1 tabIndex={-1}>People</h1>
      <form role="search" class="field" onSubmit={search}>
        <label for={id}>User name, id, mail address, or a part of a name</label>
        <input id={id} type="search" value={word} onInput={(event) => setWord(event.currentTarget.value)} autocomplete="off" spellcheck={false} />
        <button type="submit">Search</button>
      </form>
      {asked && (
        <Load of={found}>
          {(value) => (
            <>
              <Table caption="people" rows={value.candidates} columns={columns} id={(person) => `${person.object_id} ${person.user_name} ${person.rows[0]?.systemuserid ?? ""}`} nothing={`Nobody is found by “${value.asked}”.`} />
              {value.more && <p class="faint">There are others: say more of the name.</p>}
            </>
          )}
        </Load>
      )}
    </>
  );
}
