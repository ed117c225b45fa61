// Who may what: a token is asked for once and stands in no address; a viewer sees no button that acts; a revoked token leads out.
import assert from "node:assert/strict";

export default async function access(browser, { url, token, viewer, run, person }) {
  const page = await browser.page("light", { token: null });
  const addresses = [];
  page.on("request", (request) => addresses.push(request.url()));
  await page.getByLabel("Token").fill("dvsync_wrong");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByText("nobody has this token").waitFor();
  await browser.enter(page, viewer);
  await page.getByText("bob, viewer").waitFor();
  for (const view of ["", "held", `runs/${run}`, `people/${person}`]) {
    await browser.go(page, view);
    assert.equal(await page.locator("button.act, input[type=checkbox]").count(), 0, `a viewer acts at “${view}”`);
  }
  await page.reload();
  await page.getByText("bob, viewer").waitFor();
  assert.ok(addresses.every((address) => !address.includes(viewer)), "the token stands in an address");
  assert.ok(!page.url().includes(viewer));

  await page.getByRole("button", { name: "Leave" }).click();
  await page.getByLabel("Token").waitFor();
  await page.reload();
  await page.getByLabel("Token").waitFor();
  await browser.enter(page, token);
  await page.getByText("ana, operator").waitFor();
  await browser.go(page, "held");
  assert.ok((await page.locator("button.act").count()) >= 2);
  const page2 = await page.context().newPage();
  await page2.goto(url);
  await page2.getByLabel("Token").waitFor(); // kept by the tab, not by the browser
}
