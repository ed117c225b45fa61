// Pictures for docs/console.md: into the folder that is told, as small as WebP makes them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export default async function screenshots(browser, { folder, person, environment }) {
  mkdirSync(folder, { recursive: true });
  const all = [
    ["attention", "", "light"],
    ["environment", `environments/${environment}`, "dark"],
    ["held", "held", "light"],
    ["person", `people/${person}`, "light"],
    ["person-narrow", `people/${person}`, "narrow"],
  ];
  for (const [name, view, look] of all) {
    const page = await browser.page(look);
    await browser.go(page, view);
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 70 });
    writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, "base64"));
    await page.context().close();
  }
}
