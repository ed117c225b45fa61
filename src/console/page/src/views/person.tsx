// The whole story of a person, in each environment: gates, facts, row, history, and what the next sync does.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { Acts, type Act } from "../act";
import type { Explained, Explanation } from "../api";
import { useLoad } from "../load";
import { Badge, Facts, FieldList, Load, Missed, Time, ToEnvironment, ToRun } from "../parts";
import { Table } from "../table";
import { useMayAct } from "../who";
import { spaced, type Tone } from "../words";

const triggers = { background: "the next sync", on_demand: "an administrator's request", first_access: "a first access" };
type Trigger = keyof typeof triggers;

const answers: Record<string, Tone> = { passed: "good", failed: "bad", conditional: "attention", unknown: "attention" };

const Gates = ({ of: each }: { of: Explanation }): JSX.Element => (
  <Table
    caption={`gates of ${each.environment}`}
    rows={each.gates}
    id={(gate) => gate.gate}
    nothing=""
    columns={[
      { label: "gate", cell: (gate) => `${gate.gate} ${gate.name}` },
      { label: "answer", cell: (gate) => <Badge tone={answers[gate.answer] ?? "plain"}>{gate.answer}</Badge> },
      { label: "reason", cell: (gate) => (gate.reason ? spaced(gate.reason) : "") },
      { label: "decides", cell: (gate) => (gate.decides ? "it decides" : gate.answer === "conditional" ? (gate.counts ? "it counts here" : "it does not count here") : "") },
      { label: "facts", cell: (gate) => gate.facts },
    ]}
  />
);

function Next({ of: each, trigger }: { of: Explanation; trigger: Trigger }): JSX.Element {
  return (
    <>
      <p>
        <strong>{each.decision}</strong> ({spaced(each.reason)}). {each.access ? "The user may enter." : "The user may not enter."}
      </p>
      {each.missing && <p class="problem">A fact is missing: {each.missing}</p>}
      {each.rejected && <p class="problem">Rejected: {each.rejected}</p>}
      {each.waits_for_full && <p>Runs before the next full one do not look at this user.</p>}
      {each.held && (
        <p class="problem">
          The guard holds this since <Time at={each.held.since} />, <ToRun id={each.held.run_id} />, class {each.held.class}
          {each.held.approved ? "; it is approved" : ""}
          {each.held.rejected_by ? `; ${each.held.rejected_by} rejected it` : ""}.
        </p>
      )}
      {each.change ? (
        <>
          <p>
            What {triggers[trigger]} does: {each.change.action}
            {each.change.invitation_required && "; a new invitation is required"}.
          </p>
          <FieldList fields={each.change.fields} />
        </>
      ) : (
        <p>What {triggers[trigger]} does: nothing.</p>
      )}
    </>
  );
}

function Row({ of: { row, roles } }: { of: Explanation }): JSX.Element {
  if (row === null) return <p>There is no row.</p>;
  return (
    <Facts
      of={[
        ["state", <Badge tone={row.isdisabled ? "attention" : "good"}>{row.isdisabled ? "disabled" : "enabled"}</Badge>],
        ["disabledreason", row.disabledreason ?? "none"],
        ["domainname", row.domainname ?? "none"],
        ["systemuserid", row.systemuserid],
        ["licensed", row.islicensed ? "yes" : "no"],
        ["accessmode", String(row.accessmode)],
        ["setupuser", row.setupuser ? "yes" : "no"],
        ["azurestate", String(row.azurestate)],
        ["azuredeletedon", row.azuredeletedon ?? "none"],
        ["security roles", roles ? [...roles.direct, ...roles.through_teams.map((role) => `${role} (by a team)`)].join(", ") || "none" : "cannot be read"],
      ]}
    />
  );
}

const History = ({ of: each }: { of: Explanation }): JSX.Element => (
  <Table
    caption={`history in ${each.environment}`}
    rows={each.history}
    id={(past) => `${past.run_id} ${past.at} ${past.action}`}
    nothing="The log has no change of this user."
    perPage={10}
    columns={[
      { label: "at", cell: (past) => <Time at={past.at} /> },
      { label: "run", cell: (past) => <ToRun id={past.run_id} /> },
      { label: "action", cell: (past) => past.action },
      { label: "reason", cell: (past) => spaced(past.reason) },
      { label: "fields", cell: (past) => (Object.keys(past.fields).length > 0 ? <FieldList fields={past.fields} /> : "") },
    ]}
  />
);

const verbs: ["add" | "refresh" | "enable" | "disable" | "invited", string, string][] = [
  ["add", "Add", "Lets the user in now, if the rules allow it."],
  ["refresh", "Refresh", "Reads the user again, and brings the row in line."],
  ["enable", "Enable", "Ends a disable, if the rules let the user in."],
  ["disable", "Disable", "Disables by hand, whatever the rules say."],
  ["invited", "Note the invitation", "Notes that the user got the new invitation."],
];

function actsOn(user: string, name: string, each: Explanation): Act[] {
  const fits = (verb: string): boolean =>
    each.row === null ? verb === "add" : verb === "add" ? false : verb === "enable" ? each.row.isdisabled : verb === "disable" ? !each.row.isdisabled : true;
  return verbs
    .filter(([verb]) => fits(verb))
    .map(([verb, words, what]) => ({
      title: `${words} in ${each.environment}`,
      what: `${name}: ${what}`,
      path: "users",
      body: { act: verb, user, environment: each.environment },
      takesComment: false,
    }));
}

function Story({ each, trigger, user, name, after }: { each: Explanation; trigger: Trigger; user: string; name: string; after: () => void }): JSX.Element {
  const mayAct = useMayAct();
  return (
    <section class="story">
      <h2>
        In <ToEnvironment name={each.environment} />
      </h2>
      <Next of={each} trigger={trigger} />
      {mayAct && <Acts acts={actsOn(user, name, each)} after={after} />}
      <h3>Gates</h3>
      <Gates of={each} />
      <h3>Row</h3>
      <Row of={each} />
      <h3>Service plans</h3>
      {each.plans.length === 0 ? (
        <p>None.</p>
      ) : (
        <ul>
          {each.plans.map((plan) => (
            <li key={plan.id}>
              {plan.name}
              {plan.entitlement && ` (${spaced(plan.entitlement)})`}
            </li>
          ))}
        </ul>
      )}
      <h3>History</h3>
      <History of={each} />
    </section>
  );
}

export function Person({ user }: { user: string }): JSX.Element {
  const [trigger, setTrigger] = useState<Trigger>("background");
  const explained = useLoad<Explained>("explain", { user, trigger });
  const id = useId();
  const name = explained.value?.user_name ?? user;
  return (
    <>
      <h1 tabIndex={-1}>{name}</h1>
      <p class="field">
        <label for={id}>What happens at</label>
        <select id={id} value={trigger} onChange={(event) => setTrigger(event.currentTarget.value as Trigger)}>
          {Object.entries(triggers).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </p>
      <Load of={explained}>
        {(value) => (
          <>
            <Facts of={[["object id", value.object_id]]} />
            <Missed errors={value.errors} />
            {value.environments.map((each) =>
              "gates" in each ? (
                <Story key={each.environment} each={each} trigger={trigger} user={value.object_id} name={name} after={explained.again} />
              ) : (
                <section key={each.environment}>
                  <h2>In {each.environment}</h2>
                  <p>This environment has no Dataverse database.</p>
                </section>
              ),
            )}
          </>
        )}
      </Load>
    </>
  );
}
