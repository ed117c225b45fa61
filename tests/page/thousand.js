// A thousand environments: all are there, are found, sorted, and paged through.
import assert from "node:assert/strict";

export default async function thousand(browser, { environments, found }) {
  const page = await browser.page();
  await browser.go(page, "environments");
  const rows = page.locator("tbody tr");
  await page.getByText("1,000 entries").waitFor();
  assert.equal(await rows.count(), 50);

  const seen = new Set();
  for (let pages = 1; ; pages++) {
    for (const name of await rows.locator("th").allTextContents()) seen.add(name);
    const next = page.getByRole("button", { name: "Next" });
    if (await next.isDisabled()) {
      assert.equal(pages, 20);
      break;
    }
    await next.click();
    await page.getByText(`page ${pages + 1} of 20`).waitFor();
  }
  assert.deepEqual([...seen].sort(), environments.sort());

  await page.getByRole("button", { name: "environment", exact: false }).first().click();
  await page.getByRole("button", { name: "environment", exact: false }).first().click();
  assert.equal(await page.getByRole("columnheader", { name: "environment" }).getAttribute("aria-sort"), "descending");
  assert.equal(await rows.first().locator("th").textContent(), environments.sort().at(-1));

  await page.getByLabel("Search in environments").fill(found);
  await page.getByText("1 of 1,000").waitFor();
  assert.equal(await rows.count(), 1);
  assert.match(page.url(), /q=/, "a search survives a reload");
  await page.reload();
  await page.getByText("1 of 1,000").waitFor();
  await rows.getByRole("link", { name: found }).click();
  await page.getByRole("heading", { level: 1, name: `Environment ${found}` }).waitFor();
  await browser.settled(page);
  await page.getByText("Lag of 1 run").first().waitFor();
}
