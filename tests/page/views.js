// Every view, in every look: axe finds nothing, nothing scrolls sideways, and no name is taken for HTML.
import assert from "node:assert/strict";
import { looks } from "./browser.js";

export default async function views(browser, { hostile, person, run, environment }) {
  const all = ["", "environments", `environments/${environment}`, "runs", `runs/${run}`, "held", "people", `people?q=user`, `people/${person}`, "rejected", "bogus"];
  for (const look of Object.keys(looks)) {
    const page = await browser.page(look, { token: null });
    await browser.axe(page, `the question for a token, ${look}`);
    await browser.enter(page, browser.token);
    for (const view of all) {
      const about = `“${view}”, ${look}`;
      await browser.go(page, view);
      await browser.axe(page, about);
      await browser.assertNoSidewaysScrolling(page, about);
      assert.match(await page.title(), /\S – dvsync$/);
      assert.equal(await page.locator("main script, main img, main b").count(), 0, `${about}: a name has become HTML`);
    }
    await browser.go(page, `people/${person}`);
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), hostile);
    assert.ok((await page.locator("main").textContent())?.includes("<b>"), "the hostile fields are shown as they are");
    assert.equal(await page.evaluate(() => "hacked" in window), false);
    await page.context().close();
  }
}
