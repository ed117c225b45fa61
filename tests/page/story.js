// An operator finds a user, sees why the row is held, approves for that one with a comment, and sees the row disabled.
import assert from "node:assert/strict";

export default async function story(browser, { user, other, run, environment, comment }) {
  const page = await browser.page();
  await browser.go(page, "");
  await page.locator(".finding", { hasText: /HELD/ }).first().waitFor();

  await page.getByRole("link", { name: "People" }).click();
  await page.getByLabel("User name, id, mail address").fill(user);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: user }).click();
  await page.getByRole("heading", { level: 1, name: user }).waitFor();
  const told = page.getByRole("main");
  await told.getByText("The guard holds this since").waitFor();
  await told.getByText("it decides").waitFor();
  await told.getByText("gone: deleted for good, or no longer listed").waitFor();
  assert.equal(await told.getByText("enabled", { exact: true }).count(), 1, "the row is enabled still");

  await page.getByRole("link", { name: "Held" }).click();
  await told.getByText(/absent: \d+ disables are wanted/).waitFor();
  await page.getByLabel("Search in users held").fill(user);
  await page.getByLabel(`Choose ${user}`).check();
  await page.getByRole("button", { name: "Approve 1 decision" }).click();
  const dialog = page.getByRole("dialog", { name: "Approve 1 decision" });
  await browser.axe(page, "the question before an act");
  await dialog.getByLabel("Comment").fill(comment);
  await dialog.getByRole("button", { name: "Approve 1 decision" }).click();
  await dialog.getByText("1 disabled").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();

  await browser.go(page, `people?q=${encodeURIComponent(user)}`);
  await page.getByRole("link", { name: user }).click();
  await told.getByText("disabled", { exact: true }).waitFor();
  await told.getByText("not_in_directory").first().waitFor();
  assert.equal(await told.getByText("The guard holds this").count(), 0);

  await browser.go(page, `runs/${run}`);
  await page.getByLabel("Search in users held").fill(user);
  await told.getByText("carried out").waitFor();

  // By hand, on demand: a row is disabled and enabled again.
  await browser.go(page, `people?q=${encodeURIComponent(other)}`);
  await page.getByRole("link", { name: other }).click();
  await act(page, `Disable in ${environment}`, /: disable /);
  await act(page, `Enable in ${environment}`, /: enable /);
  await told.getByText("enabled", { exact: true }).waitFor();

  await browser.go(page, "held");
  await act(page, /^Reject \d+ decisions/, /decisions are rejected/);
  await told.getByText("The guard holds nothing.").waitFor();
}

async function act(page, name, outcome) {
  await page.getByRole("button", { name }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name }).click();
  await dialog.getByText(outcome).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
}
