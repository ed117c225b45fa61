// Without a mouse: everything that can be pressed is reached by Tab, in order, and seen when it has the focus.
import assert from "node:assert/strict";

// What has the focus, and whether it shows.
const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const style = at ? getComputedStyle(at) : null;
    return {
      number: Number(at?.getAttribute("data-number") ?? -1),
      words: at?.textContent?.trim() || at?.getAttribute("aria-label") || "",
      seen: style !== null && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    };
  });

// Numbers what a mouse could press, in the document's order.
const numbered = (page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button:not(:disabled), input, select, summary")].filter((each) => each.checkVisibility());
    all.forEach((each, number) => each.setAttribute("data-number", String(number)));
    return all.length;
  });

async function walk(page, view) {
  const total = await numbered(page);
  const reached = [];
  for (let step = 0; step < total; step++) {
    await page.keyboard.press("Tab");
    const { number, words, seen } = await focused(page);
    assert.ok(seen, `${view}: the focus on “${words}” does not show`);
    reached.push(number);
  }
  assert.deepEqual(reached, [...Array(total).keys()], `${view}: Tab reaches everything, in order`);
}

export default async function keyboard(browser, { person, run, environment }) {
  const page = await browser.page();
  for (const view of ["", "environments", `environments/${environment}`, "runs", `runs/${run}`, "held", "people?q=user1", `people/${person}`, "rejected"]) {
    await browser.go(page, view);
    await page.reload();
    await browser.settled(page);
    await walk(page, view || "attention");
  }

  // The link that skips the head is the first, is seen once it has the focus, and leads behind the head.
  await browser.go(page, "environments");
  await page.reload();
  await browser.settled(page);
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).words, "Skip to the content");
  assert.ok(await page.getByText("Skip to the content").evaluate((link) => link.getBoundingClientRect().top >= 0));
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");

  // A view that is entered begins at its heading.
  await page.getByRole("link", { name: "Held" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.textContent === "Held decisions");
  await browser.settled(page);

  // A dialog has the focus, keeps it, leaves with Escape, and gives it back.
  const button = page.getByRole("button", { name: /^Approve/ });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let step = 0; step < 8; step++) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null), "the focus stays in the dialog");
  }
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Approve"));
}
