// What the daemon is asked (docs/openapi.json), and who asks it.
import type { components } from "../openapi";
import { printable } from "./words";

type Schemas = components["schemas"];
export type Session = Schemas["Session"];
export type Status = Schemas["Status"];
export type EnvironmentStatus = Schemas["EnvironmentStatus"];
export type Finding = Schemas["Finding"];
export type Run = Schemas["Run"];
export type RunWithHolds = Schemas["RunWithHolds"];
export type Hold = Schemas["Hold"];
export type Change = Schemas["Change"];
export type Fields = Schemas["Fields"];
export type Rejection = Schemas["Rejection"];
export type People = Schemas["People"];
export type Person = Schemas["Person"];
export type Explained = Schemas["Explained"];
export type Explanation = Extract<Schemas["Explanation"], { gates: unknown }>;
export type Operation = Schemas["Operation"];
export type RunReport = Schemas["RunReport"];
export type UserOutcome = Schemas["UserOutcome"];
export type RejectedHolds = Schemas["RejectedHolds"];
export type ListError = Schemas["Errors"][number];

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: unknown,
  ) {
    super(message);
  }
}

// A bearer token, on TCP addresses. It lives as long as the tab, and never stands in an address.
const kept = "dvsync-token";
let bearer = sessionStorage.getItem(kept);
export const hasToken = (): boolean => bearer !== null;
export function useToken(token: string | null): void {
  bearer = token;
  if (token === null) sessionStorage.removeItem(kept);
  else sessionStorage.setItem(kept, token);
}

let onStranger: (message: string) => void = () => undefined;
// Called whenever the daemon does not know who asks.
export function whenStranger(tell: (message: string) => void): void {
  onStranger = tell;
}

export type Parameters = Record<string, string | number | undefined>;

function address(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/v1/${path}${text && `?${text}`}`;
}

// Whatever comes from outside passes here: characters that would turn a line around or hide in it are shown as "?".
const parse = (text: string): unknown => JSON.parse(text, (_, value: unknown) => (typeof value === "string" ? printable(value) : value));

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

async function ask<T>(url: string, options: RequestInit): Promise<T> {
  const headers = new Headers(options.headers);
  if (bearer !== null) headers.set("Authorization", `Bearer ${bearer}`);
  const answer = await fetch(url, { ...options, headers, cache: "no-store" }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(0, "unreachable", "The daemon does not answer.", null);
  });
  const body = parsed(await answer.text());
  if (answer.ok && body !== null) return body as T;
  const { code, message } = (body as Schemas["Error"] | null)?.error ?? { code: "unknown", message: `The server answered ${answer.status}.` };
  if (answer.status === 401) onStranger(message);
  throw new Refusal(answer.status, code, message, body);
}

export const get = <T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> =>
  ask<T>(address(path, parameters), { signal: signal ?? null });

let session: Session | null = null;
export async function openSession(): Promise<Session> {
  session = await get<Session>("session");
  return session;
}

export async function post<T>(path: string, body: object): Promise<T> {
  const send = (token: string): Promise<T> =>
    ask<T>(address(path, {}), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Dvsync-Token": token },
      body: JSON.stringify(body),
    });
  const known = session ?? (await openSession());
  try {
    return await send(known.token);
  } catch (error) {
    // A daemon that was restarted has another token.
    if (error instanceof Refusal && error.code === "forged") return send((await openSession()).token);
    throw error;
  }
}
