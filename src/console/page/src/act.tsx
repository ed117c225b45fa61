// An operator's act: what it does, a last question, and what became of it.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { get, post, type Operation, type RejectedHolds, type RunReport, type UserOutcome } from "./api";
import { Problem } from "./parts";
import { changesInWords, count, spaced } from "./words";

export interface Act {
  title: string; // also of the button that does it
  what: ComponentChildren;
  path: string;
  body: object;
  takesComment: boolean;
}

const askEvery = 500;
const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

function reportInWords(report: RunReport): string {
  const parts = report.environments.map((each) => `${each.name}: ${each.error ?? `${each.outcome}, ${changesInWords(each.counters)}`}`);
  return `Run ${report.run_id}. ${parts.join("; ")}${report.note ? `. ${report.note}` : ""}`;
}

function outcomeInWords(outcome: UserOutcome): string {
  const access = outcome.access ? "may enter" : "may not enter";
  return `${outcome.user_name ?? outcome.asked}: ${outcome.decision} (${spaced(outcome.reason)}); ${access}.${outcome.held ? " The guard holds it." : ""} ${outcome.detail ?? ""}`;
}

function rejectedInWords(rejected: RejectedHolds): string {
  return rejected.environments.map((each) => `${each.name}: ${count(each.decisions, "decision is", "decisions are")} rejected`).join("; ");
}

function resultInWords({ result }: Operation): string {
  if (result === null) return "";
  if ("rejects" in result) return rejectedInWords(result);
  return "asked" in result ? outcomeInWords(result) : reportInWords(result);
}

// Tells each state on the way; the operation once it is over.
async function carryOut(path: string, body: object, tell: (state: string) => void): Promise<string> {
  let operation = await post<Operation | { asked: string }>(path, body);
  if (!("operation" in operation)) return `A run is asked for: ${operation.asked}.`;
  while (operation.state === "waiting" || operation.state === "working") {
    tell(operation.state === "waiting" ? "It waits for its turn …" : "It is at work …");
    await pause(askEvery);
    operation = await get<Operation>(`operations/${operation.operation}`);
  }
  if (operation.state === "failed") throw new Error(operation.error?.message ?? "It failed.");
  return resultInWords(operation);
}

interface Progress {
  busy: boolean;
  words: string;
  error: Error | null;
  done: boolean;
}
const atRest: Progress = { busy: false, words: "", error: null, done: false };

function useAct(act: Act, comment: string): [Progress, () => void] {
  const [progress, set] = useState(atRest);
  const begin = (): void => {
    set({ ...atRest, busy: true, words: "It is sent …" });
    const body = act.takesComment && comment.trim() ? { ...act.body, comment: comment.trim() } : act.body;
    carryOut(act.path, body, (words) => set((before) => ({ ...before, words }))).then(
      (words) => set({ busy: false, words, error: null, done: true }),
      (error: Error) => set({ busy: false, words: "", error, done: false }),
    );
  };
  return [progress, begin];
}

export function ActDialog({ act, close }: { act: Act; close: (done: boolean) => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [comment, setComment] = useState("");
  const [progress, begin] = useAct(act, comment);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={`${id}title`} onClose={() => close(progress.done)}>
      <h2 id={`${id}title`}>{act.title}</h2>
      <div>{act.what}</div>
      {act.takesComment && !progress.done && (
        <p class="field">
          <label for={`${id}comment`}>Comment, for the sync log</label>
          <input id={`${id}comment`} value={comment} maxLength={300} autocomplete="off" disabled={progress.busy} onInput={(event) => setComment(event.currentTarget.value)} />
        </p>
      )}
      <p role="status">{progress.words}</p>
      {progress.error && <Problem error={progress.error} />}
      <p class="buttons">
        {!progress.done && (
          <button type="button" class="act" disabled={progress.busy} onClick={begin}>
            {act.title}
          </button>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          {progress.done || progress.busy ? "Close" : "Cancel"}
        </button>
      </p>
    </dialog>
  );
}

// Buttons for acts, and the dialog of the one that was pressed. The focus returns to the button.
export function Acts({ acts, after }: { acts: Act[]; after: () => void }): JSX.Element {
  const [chosen, choose] = useState<Act | null>(null);
  return (
    <>
      <p class="buttons">
        {acts.map((act) => (
          <button key={act.title} type="button" class="act" onClick={() => choose(act)}>
            {act.title} …
          </button>
        ))}
      </p>
      {chosen && (
        <ActDialog
          act={chosen}
          close={() => {
            choose(null);
            after();
          }}
        />
      )}
    </>
  );
}
