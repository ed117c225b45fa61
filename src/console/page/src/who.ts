// Who looks at the page.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "./api";

export const Who = createContext<Session | null>(null);
export const useMayAct = (): boolean => useContext(Who)?.role === "operator";
