// What needs attention, and the directory's mirror.
import type { JSX } from "preact";
import { Acts } from "../act";
import type { Finding, Status } from "../api";
import { useLoad } from "../load";
import { Badge, Facts, Load, Time, ToEnvironment } from "../parts";
import { useMayAct } from "../who";
import { age, ago, number, type Tone } from "../words";

const tones: Record<Finding["severity"], Tone> = { critical: "bad", warning: "attention", note: "plain" };
const ranks = { critical: 0, warning: 1, note: 2 };
const named = 20;

interface Shared {
  finding: Finding;
  environments: string[];
}

// What several environments have in common is told once.
function shared(findings: Finding[]): Shared[] {
  const all = new Map<string, Shared>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.severity, finding.what, finding.next, finding.environment === null]);
    const same = all.get(key) ?? { finding, environments: [] };
    if (finding.environment !== null) same.environments.push(finding.environment);
    all.set(key, same);
  }
  return [...all.values()].sort((a, b) => ranks[a.finding.severity] - ranks[b.finding.severity]);
}

const Told = ({ of: { finding, environments } }: { of: Shared }): JSX.Element => (
  <li class={`finding ${tones[finding.severity]}`}>
    <p>
      <Badge tone={tones[finding.severity]}>{finding.severity}</Badge> {finding.what}
    </p>
    {environments.length > 0 && (
      <p>
        {environments.slice(0, named).map((name, place) => (
          <span key={name}>
            {place > 0 && ", "}
            <ToEnvironment name={name} />
          </span>
        ))}
        {environments.length > named && `, and ${number(environments.length - named)} more`}
      </p>
    )}
    {finding.since && (
      <p class="faint">
        since <Time at={finding.since} />
      </p>
    )}
    <p class="next">{finding.next}</p>
  </li>
);

function Mirror({ of: { mirror } }: { of: Status }): JSX.Element {
  const next = mirror.next_run_seconds;
  return (
    <Facts
      of={[
        ["directory", mirror.error ?? mirror.directory ?? "never read"],
        ["identities", number(mirror.identities)],
        ["read", mirror.pulled_at ? <Time at={mirror.pulled_at} /> : "never"],
        ["listing", mirror.listing_complete ? "complete" : "not complete: nobody is made absent"],
        ["records that cannot be used", number(mirror.rejected_records)],
        ["at work", mirror.working ?? "nobody"],
        ["next run", next === null ? "not known" : next === 0 ? "now" : `in ${age(next)}`],
        ["last run of the daemon", ago(mirror.daemon.last_run_seconds_ago) || "not known"],
      ]}
    />
  );
}

const runNow = (full: boolean): { title: string; what: string; path: string; body: object; takesComment: boolean } => ({
  title: full ? "Look at everybody" : "Run now",
  what: full ? "The daemon runs at once, and evaluates everybody in every environment anew." : "The daemon reads the directory at once, and brings every environment in line.",
  path: "sync",
  body: { full },
  takesComment: false,
});

export function Attention(): JSX.Element {
  const status = useLoad<Status>("status", {}, 15000);
  const mayAct = useMayAct();
  return (
    <>
      <h1 tabIndex={-1}>What needs attention</h1>
      <Load of={status}>
        {(value) => (
          <>
            {!value.needs_attention && (
              <p>
                <Badge tone="good">good</Badge> Nothing needs attention.
              </p>
            )}
            <ul class="findings">
              {shared(value.findings).map((each) => (
                <Told key={JSON.stringify([each.finding, each.environments[0]])} of={each} />
              ))}
            </ul>
            <h2>Directory and daemon</h2>
            <Mirror of={value} />
            {mayAct && <Acts acts={[runNow(false), runNow(true)]} after={status.again} />}
          </>
        )}
      </Load>
    </>
  );
}
