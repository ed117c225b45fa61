// Debian's Chromium with the page in it, and what every scenario demands of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** How the page is looked at. 200 % zoom of a screen of 1280 × 800 leaves half of both. */
export const looks = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  narrow: { viewport: { width: 360, height: 740 }, colorScheme: "light" },
  "narrow and dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  zoomed: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, colorScheme: "light" },
};

export class Browser {
  static async open(told) {
    const root = process.getuid?.() === 0; // Chromium's sandbox refuses root
    return new Browser(await chromium.launch({ executablePath: "/usr/bin/chromium", args: root ? ["--no-sandbox"] : [] }), told);
  }

  constructor(chromium, told) {
    this.chromium = chromium;
    this.url = told.url;
    this.token = told.token;
    this.said = [];
  }

  /** A new page, which has entered with the token unless told otherwise. */
  async page(look = "light", { token = this.token, more = {} } = {}) {
    const context = await this.chromium.newContext({ ...looks[look], reducedMotion: "reduce", ...more });
    const page = await context.newPage();
    page.setDefaultTimeout(240000); // a busy machine asks a thousand environments for a minute and more
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.said.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.said.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(this.url)) this.said.push(`asks ${request.url()}`);
    });
    await page.goto(this.url);
    if (token) await this.enter(page, token);
    return page;
  }

  async enter(page, token) {
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
  }

  /** Goes to a view, and waits until it has what it asked for. */
  async go(page, view) {
    // The heading of the view that is left must not be taken for that of the next one.
    await page.evaluate((next) => {
      const here = location.hash.replace(/^#\/?/, "");
      if (here !== next) document.querySelector("main h1")?.setAttribute("data-left", "");
    }, view);
    await page.goto(`${this.url}/#/${view}`);
    await this.settled(page);
  }

  async settled(page) {
    await page.waitForFunction(() => {
      const main = document.querySelector("main");
      return main?.querySelector("h1:not([data-left])") && !main.textContent.includes("Asking the daemon");
    });
  }

  /** What axe finds, in the words of its summary. */
  async axe(page, about) {
    const session = await page.context().newCDPSession(page);
    await session.send("Runtime.evaluate", { expression: axe }); // as a debugger does: the page's policy lets no script in
    const { result } = await session.send("Runtime.evaluate", {
      expression: `axe.run({ runOnly: ${JSON.stringify(rules)} }).then((found) => JSON.stringify({
        passes: found.passes.length,
        violations: found.violations.flatMap((each) => each.nodes.map((node) => each.id + ": " + node.html + " " + node.failureSummary)),
      }))`,
      awaitPromise: true,
      returnByValue: true,
    });
    await session.detach();
    const { passes, violations } = JSON.parse(result.value);
    assert.ok(passes > 10, `axe looked at ${about}`);
    assert.deepEqual(violations, [], `axe on ${about}`);
  }

  async assertNoSidewaysScrolling(page, about) {
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(beyond, 0, `${about} is wider than the screen`);
  }

  /** Nothing was asked of anybody else, nothing was refused by the policy, no script failed. `expected` may be said. */
  assertQuiet(expected = /Failed to load resource: the server responded with a status of (401|404|409)/) {
    assert.deepEqual(this.said.filter((line) => !expected.test(line)), []);
  }

  /** What the pages show at the moment, for whoever reads why a scenario failed. */
  async whatIsThere() {
    const pages = this.chromium.contexts().flatMap((context) => context.pages());
    const shown = await Promise.all(pages.map(async (page) => `${page.url()}\n${await page.innerText("body")}`));
    return [...shown, ...this.said].join("\n\n");
  }

  close() {
    return this.chromium.close();
  }
}
