// On a TCP address: the bearer token is asked for once.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { hasToken, useToken } from "./api";

export function SignIn({ why, again }: { why: string; again: () => void }): JSX.Element {
  const [token, setToken] = useState("");
  const id = useId();
  const enter = (event: Event): void => {
    event.preventDefault();
    useToken(token.trim());
    again();
  };
  return (
    <main id="main" class="sign-in" tabIndex={-1}>
      <h1 tabIndex={-1}>Who asks?</h1>
      {hasToken() && (
        <p class="problem" role="alert">
          {why}
        </p>
      )}
      <p>
        The daemon wants a token. <code>dvsync console token NAME</code> makes one. It is kept until this tab is closed.
      </p>
      <form class="field" onSubmit={enter}>
        <label for={id}>Token</label>
        <input id={id} type="password" value={token} onInput={(event) => setToken(event.currentTarget.value)} autocomplete="off" required />
        <button type="submit">Enter</button>
      </form>
    </main>
  );
}
