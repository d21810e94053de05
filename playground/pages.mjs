// Tests the built site in a real browser, from file://: node pages.mjs. Screenshots go to log/.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = ["index", "docs/language", "docs/bench", "docs/policies/docker-default"];
mkdirSync("log", { recursive: true });
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

for (const [name, width, scheme] of [["light", 1280, "light"], ["dark", 1280, "dark"], ["narrow", 390, "dark"]]) {
  for (const page of pages) {
    const tab = await browser.newPage();
    await tab.setViewport({ width, height: 900 });
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    tab.on("request", (r) => assert.match(r.url(), /^(file|data):/));
    await tab.goto(pathToFileURL(`../site/public/${page}.html`).href);
    await tab.screenshot({ path: `log/site-${page.split("/").at(-1)}-${name}.png` });
    await tab.evaluate(axe);
    const { violations } = await tab.evaluate(() => globalThis.axe.run({ preload: false }));
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`), [], page);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${page} is ${wide} pixels wider than the screen`);
    await tab.close();
  }
  console.log(`ok    axe-core finds nothing: ${name}`);
}

const tab = await browser.newPage();
await tab.goto(pathToFileURL("../site/public/index.html").href);
await Promise.all([tab.waitForNavigation(), tab.click("header a[href^=playground]")]);
await tab.waitForSelector("body[data-started]", { timeout: 60000 });
console.log("ok    the playground starts from the first page");
await browser.close();
