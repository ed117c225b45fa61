// Small parts that views are made of.
import type { ComponentChildren, JSX } from "preact";
import type { Fields, ListError } from "./api";
import type { Loaded } from "./load";
import { href } from "./route";
import { localTime, number, toneOf, type Tone } from "./words";

export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }): JSX.Element => (
  <span class={`badge ${tone}`}>{children}</span>
);
export const Outcome = ({ outcome }: { outcome: string }): JSX.Element => <Badge tone={toneOf(outcome)}>{outcome}</Badge>;

export const Time = ({ at }: { at: string | null }): JSX.Element | null =>
  at === null ? null : (
    <time dateTime={at} title={at}>
      {localTime(at)}
    </time>
  );

export const ToEnvironment = ({ name }: { name: string }): JSX.Element => <a href={href(["environments", name])}>{name}</a>;
export const ToRun = ({ id, children }: { id: number; children?: ComponentChildren }): JSX.Element => (
  <a href={href(["runs", String(id)])}>{children ?? `run ${id}`}</a>
);
// A row without an object id is nobody of the directory: there is no story to tell.
export const ToPerson = ({ id, name }: { id: string | null; name: string | null }): JSX.Element =>
  id === null ? <>{name ?? "unnamed"}</> : <a href={href(["people", id])}>{name ?? id}</a>;

export const Facts = ({ of }: { of: [string, ComponentChildren][] }): JSX.Element => (
  <dl class="facts">
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

const shown = (value: unknown): ComponentChildren => (value === null || value === undefined ? <span class="faint">nothing</span> : String(value));
export const FieldList = ({ fields }: { fields: Fields }): JSX.Element | null =>
  Object.keys(fields).length === 0 ? null : (
    <ul class="fields">
      {Object.entries(fields).map(([column, [before, after]]) => (
        <li key={column}>
          <code>{column}</code>: {shown(before)} <span aria-hidden="true">→</span>
          <span class="hidden"> becomes </span> {shown(after)}
        </li>
      ))}
    </ul>
  );

export const Problem = ({ error }: { error: Error }): JSX.Element => (
  <p class="problem" role="alert">
    {error.message}
  </p>
);

const namedMisses = 20;
export const Missed = ({ errors }: { errors: ListError[] }): JSX.Element | null =>
  errors.length === 0 ? null : (
    <div class="problem" role="status">
      <p>Not everything could be asked:</p>
      <ul>
        {errors.slice(0, namedMisses).map((each) => (
          <li key={each.environment}>
            {each.environment}: {each.error}
          </li>
        ))}
        {errors.length > namedMisses && <li>and {number(errors.length - namedMisses)} more</li>}
      </ul>
    </div>
  );

// What was asked for, once it is there; the button asks again.
export function Load<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }): JSX.Element {
  return (
    <>
      <p class="asked">
        <button type="button" onClick={of.again} disabled={of.busy}>
          Refresh
        </button>{" "}
        <span>{of.at === null ? (of.busy ? "Asking the daemon …" : "") : `as of ${localTime(of.at)}`}</span>
      </p>
      {of.error && <Problem error={of.error} />}
      {of.value !== null && children(of.value)}
    </>
  );
}
