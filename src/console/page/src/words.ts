// Times, lengths and numbers, as the commands print them (docs/commands.md).

// Control characters, and characters that turn a line's direction around or take no space.
const misleading = /[\p{Cf}\u2028\u2029]|(?![\n\t])\p{Cc}/gu;
export const printable = (text: string): string => text.replace(misleading, "?");

const two = (number: number): string => String(number).padStart(2, "0");

// 2026-03-01 14:05:09 +0100, in the reader's own zone.
export function localTime(time: string | number): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return String(time);
  const east = -at.getTimezoneOffset();
  const offset = `${east < 0 ? "-" : "+"}${two(Math.floor(Math.abs(east) / 60))}${two(Math.abs(east) % 60)}`;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${offset}`;
}

// 850 ms, 12.3 s, 4 min 05 s, 3 h 10 min, 5 d
export function lasted(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 86400)} d`;
}

// Of the marks of an axis, which are round: 5 min.
export const wholeLength = (ms: number): string => (ms === 0 ? "0" : lasted(ms).replace(/ 00 (s|min)$|\.0(?= s$)/, ""));

export function age(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return lasted(seconds * 1000);
}
export const ago = (seconds: number | null): string => (seconds === null ? "" : `${age(seconds)} ago`);

const grouped = new Intl.NumberFormat("en");
export const number = (value: number): string => grouped.format(value);
export const count = (value: number, one: string, several: string): string => `${number(value)} ${value === 1 ? one : several}`;
// A code, for people: not_in_directory.
export const spaced = (code: string): string => code.replaceAll("_", " ");

type Counters = Record<string, number>;
const told = ["created", "enabled", "disabled", "updated"];
export function changesInWords(counters: Counters): string {
  const parts = told.filter((name) => (counters[name] ?? 0) > 0).map((name) => `${number(counters[name] ?? 0)} ${name}`);
  return parts.length > 0 ? parts.join(", ") : "no changes";
}
export const changesOf = (counters: Counters): number => told.reduce((sum, name) => sum + (counters[name] ?? 0), 0);

export const outcomeOf = (run: { outcome: string | null }): string => run.outcome ?? "running";

// How bad an outcome is: for colours, which never say it alone.
export type Tone = "good" | "attention" | "bad" | "plain";
export function toneOf(outcome: string): Tone {
  if (outcome === "succeeded") return "good";
  if (outcome === "failed" || outcome === "unknown") return "bad";
  return outcome === "running" ? "plain" : "attention";
}
