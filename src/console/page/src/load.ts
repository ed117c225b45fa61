// What a view has asked for, and what became of it.
import { useCallback, useEffect, useState } from "preact/hooks";
import { get, type Parameters } from "./api";

export interface Loaded<T> {
  value: T | null;
  error: Error | null;
  busy: boolean;
  at: number | null; // when the value came
  again: () => void;
}

interface Held<T> {
  of: string;
  value: T | null;
  error: Error | null;
  busy: boolean;
  at: number | null;
}

// Asks again every `every` milliseconds while the tab is looked at. What was there stays until something newer comes; what was
// asked about something else does not.
export function useLoad<T>(path: string | null, parameters: Parameters = {}, every?: number): Loaded<T> {
  const key = JSON.stringify([path, parameters]);
  const [state, set] = useState<Held<T>>({ of: key, value: null, error: null, busy: path !== null, at: null });
  const [turn, next] = useState(0);
  const again = useCallback(() => next((count) => count + 1), []);
  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    set((before) => (before.of === key ? { ...before, busy: true } : { of: key, value: null, error: null, busy: true, at: null }));
    get<T>(path, parameters, stop.signal).then(
      (value) => set({ of: key, value, error: null, busy: false, at: Date.now() }),
      (error: Error) => {
        if (!stop.signal.aborted) set((before) => ({ ...before, error, busy: false }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);
  useEffect(() => {
    if (every === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, every);
    return () => clearInterval(timer);
  }, [every]);
  return state.of === key ? { ...state, again } : { value: null, error: null, busy: true, at: null, again };
}
