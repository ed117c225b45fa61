// node drive.js SCENARIO: looks at the page that DVSYNC_PAGE names (JSON: url, token, and what the scenario needs) in Debian's
// Chromium, and ends with an error where it is not as promised. The Python test around it owns the daemon and the database.
import { Browser } from "./browser.js";

const scenarios = {
  views: () => import("./views.js"),
  story: () => import("./story.js"),
  keyboard: () => import("./keyboard.js"),
  thousand: () => import("./thousand.js"),
  access: () => import("./access.js"),
  screenshots: () => import("./screenshots.js"),
};

const [name = ""] = process.argv.slice(2);
const { default: run } = await scenarios[name]();
const told = JSON.parse(process.env.DVSYNC_PAGE ?? "{}");
const browser = await Browser.open(told);
try {
  await run(browser, told);
  browser.assertQuiet();
} catch (error) {
  console.error(await browser.whatIsThere());
  throw error;
} finally {
  await browser.close();
}
