// The page: who looks, where they are, and what they see there.
import { render, type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { hasToken, openSession, useToken, whenStranger, type Session } from "./api";
import { Problem } from "./parts";
import { href, useRoute, type Route } from "./route";
import { SignIn } from "./sign_in";
import { Attention } from "./views/attention";
import { Environment } from "./views/environment";
import { Environments } from "./views/environments";
import { Held } from "./views/held";
import { People } from "./views/people";
import { Person } from "./views/person";
import { Rejected } from "./views/rejected";
import { Run } from "./views/run";
import { Runs } from "./views/runs";
import { Who } from "./who";

const places: [string, string][] = [
  ["", "Attention"],
  ["environments", "Environments"],
  ["runs", "Runs"],
  ["held", "Held"],
  ["people", "People"],
  ["rejected", "Rejected"],
];

function View({ route }: { route: Route }): JSX.Element {
  const [place, one] = route.path;
  if (place === undefined) return <Attention />;
  if (place === "environments") return one === undefined ? <Environments route={route} /> : <Environment key={one} name={one} />;
  if (place === "runs") return one === undefined ? <Runs route={route} /> : <Run key={one} id={one} />;
  if (place === "held") return <Held route={route} />;
  if (place === "people") return one === undefined ? <People key={route.query.get("q") ?? ""} route={route} /> : <Person key={one} user={one} />;
  if (place === "rejected") return <Rejected route={route} />;
  return (
    <>
      <h1 tabIndex={-1}>There is nothing here</h1>
      <p>
        <a href={href([])}>What needs attention</a>
      </p>
    </>
  );
}

function Header({ route, session, leave }: { route: Route; session: Session; leave: () => void }): JSX.Element {
  const here = route.path[0] ?? "";
  return (
    <header>
      <a class="name" href={href([])}>
        dvsync
      </a>
      <nav aria-label="Views">
        <ul>
          {places.map(([place, words]) => (
            <li key={place}>
              <a href={href(place ? [place] : [])} {...(place === here ? { "aria-current": "page" as const } : {})}>
                {words}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="who">
        {session.name}, {session.role}{" "}
        {hasToken() && (
          <button type="button" onClick={leave}>
            Leave
          </button>
        )}
      </p>
    </header>
  );
}

// A new view begins at its heading, for whoever reads with the keyboard or by ear; and the title names it.
function useHeading(route: Route): { current: HTMLElement | null } {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    const heading = main.current?.querySelector("h1");
    document.title = `${heading?.textContent ?? ""} – dvsync`;
    if (!first.current) heading?.focus();
    first.current = false;
  }, [route]);
  return main;
}

function Site({ session, leave }: { session: Session; leave: () => void }): JSX.Element {
  const route = useRoute();
  const main = useHeading(route);
  const skip = (event: Event): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <Who.Provider value={session}>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Header route={route} session={session} leave={leave} />
      <main id="main" ref={main} tabIndex={-1}>
        <View route={route} />
      </main>
    </Who.Provider>
  );
}

function Page(): JSX.Element {
  const [session, setSession] = useState<Session | null>(null);
  const [stranger, setStranger] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const enter = (): void => {
    setError(null);
    openSession().then(
      (found) => {
        setStranger(null);
        setSession(found);
      },
      (failed: Error) => setError(failed),
    );
  };
  const leave = (): void => {
    useToken(null);
    setSession(null);
    setStranger("");
  };
  useEffect(() => {
    whenStranger((message) => {
      setSession(null);
      setStranger(message);
    });
    enter();
  }, []);
  if (stranger !== null) return <SignIn why={error?.message ?? stranger} again={enter} />;
  if (session !== null) return <Site session={session} leave={leave} />;
  return (
    <main>
      <h1>dvsync</h1>
      {error ? (
        <>
          <Problem error={error} />
          <button type="button" onClick={enter}>
            Try again
          </button>
        </>
      ) : (
        <p>Asking the daemon …</p>
      )}
    </main>
  );
}

const root = document.getElementById("page");
if (root) render(<Page />, root);
