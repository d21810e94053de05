// Tests the built playground in a real browser, from file://: node test.mjs. Screenshots go to log/.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { deflateRawSync } from "node:zlib";
import puppeteer from "puppeteer-core";

const page = pathToFileURL("site/index.html").href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
rmSync("log", { recursive: true, force: true });
mkdirSync("log");

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
let passed = 0, failed = 0;

// open loads the playground with an address behind it, and wants every request to be for a file of its own.
async function open(hash = "") {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 1280, height: 900 });
  tab.setDefaultTimeout(60000);
  tab.on("request", (r) => assert.match(r.url(), /^(file|data):/));
  tab.on("pageerror", (e) => { console.log(`page: ${e.message}`); failed++; });
  tab.on("console", (m) => m.type() === "error" && console.log(`console: ${m.text()}`));
  await tab.goto(page + hash);
  await tab.waitForSelector("body[data-started]");
  return tab;
}

const text = (tab, selector) => tab.$eval(selector, (e) => e.textContent);
const until = (tab, test, ...args) => tab.waitForFunction(test, { timeout: 30000 }, ...args);

// append types at the end of the policy.
async function append(tab, typed) {
  await tab.click(".cm-content");
  await tab.keyboard.down("Control");
  await tab.keyboard.press("End");
  await tab.keyboard.up("Control");
  await tab.keyboard.type(typed);
}

async function show(tab, name) {
  await tab.click(`#tab-${name}`);
  return text(tab, "#answer");
}

async function test(name, body) {
  try {
    await body();
    console.log(`ok    ${name}`);
    passed++;
  } catch (e) {
    console.log(`FAIL  ${name}: ${e.stack}`);
    failed++;
  }
}

await test("it starts and proves the first policy", async () => {
  const tab = await open();
  assert.match(await text(tab, "#summary"), /^proved: \d+ instructions, .*; 2 claims proved$/);
  console.log(`      started in ${await tab.$eval("body", (b) => b.dataset.started)} ms, of which the first ` +
    `compilation with its table took ${await tab.$eval("body", (b) => b.dataset.compiled)} ms`);
  await tab.screenshot({ path: "log/start.png" });
  await tab.close();
});

await test("an error stands at its place, and goes when it is mended", async () => {
  const tab = await open();
  const denied = () => tab.$$eval(".grid:first-of-type rect.deny", (r) => r.length);
  const before = await denied();
  await append(tab, "\ndeny swapoff, swaponn");
  await until(tab, () => document.querySelector("#findings li"));
  assert.match(await text(tab, "#findings"), /^16:15 error: unknown system call "swaponn"/);
  assert.equal(await text(tab, ".cm-lintRange-error"), "swaponn");
  assert.match(await text(tab, "#summary"), /no filter/);
  await tab.screenshot({ path: "log/error.png" });
  await append(tab, "");
  await tab.keyboard.press("Backspace");
  await until(tab, () => !document.querySelector("#findings li"));
  assert.equal(await denied(), before + 2, "the picture of x86_64 has two more calls that are denied");
  await tab.close();
});

await test("columns are right behind letters of two units", async () => {
  const tab = await open();
  await append(tab, "\ntest \"🦀🦀\" {\n    mkdirr => allow # 🦀\n}\n");
  await until(tab, () => document.querySelector(".cm-lintRange-error"));
  assert.equal(await text(tab, ".cm-lintRange-error"), "mkdirr");
  await tab.close();
});

await test("a link restores the policy", async () => {
  const tab = await open();
  await append(tab, "\n# shared: ü 🦀\ndeny acct");
  await tab.click("#share");
  await until(tab, () => location.hash.startsWith("#p="));
  const want = await tab.$eval(".cm-content", (e) => e.cmTile?.view?.state.doc.toString() ?? e.innerText);
  const other = await open(await tab.evaluate(() => location.hash));
  const got = await other.$eval(".cm-content", (e) => e.cmTile?.view?.state.doc.toString() ?? e.innerText);
  assert.equal(got, want);
  assert.match(got, /# shared: ü 🦀\s+deny acct/);
  for (const t of [tab, other]) await t.close();
});

await test("a link that cannot be read, or is made to unpack without end, is said to be so", async () => {
  const bomb = deflateRawSync(Buffer.alloc(64 << 20, 35)).toString("base64url");
  for (const hash of ["#p=%%%", "#p=AAAA", `#p=${bomb}`]) {
    const tab = await open(hash);
    assert.match(await text(tab, "#summary"), /^proved/);
    assert.match(await text(tab, "#said"), /no policy that can be read/);
    await tab.close();
  }
});

await test("names of a policy are text and no markup", async () => {
  const evil = "<img src=x onerror=globalThis.evil=1>";
  const policy = `arch x86_64 # ${evil}\ndefault allow\ndeny ptrace # </title>${evil}\n` +
    `deny socket if family == AF_INET # </script>${evil}\ntest "${evil}" {\n    ptrace => allow\n}\ndeny ${evil}\n`;
  const tab = await open(`#p=${deflateRawSync(policy).toString("base64url")}`);
  for (const view of ["table", "explain", "simulate", "listing", "diff", "trace"]) await tab.click(`#tab-${view}`);
  const mended = policy.split("\n").slice(0, -2).join("\n").replace("=> allow", "=> deny");
  await tab.evaluate((hash) => { location.hash = hash; }, `#p=${deflateRawSync(mended).toString("base64url")}`);
  await until(tab, () => document.querySelector("#summary").textContent.startsWith("proved"));
  for (const view of ["table", "explain", "simulate", "listing", "diff", "trace"]) await tab.click(`#tab-${view}`);
  assert.equal(await tab.$$eval("img", (list) => list.length), 0);
  assert.equal(await tab.evaluate(() => globalThis.evil), undefined);
  await tab.close();
});

await test("a compiler that has ended leaves no answer standing", async () => {
  const tab = await open();
  await tab.evaluate(() => { globalThis.seccompc = () => { throw new Error("Go program has already exited"); }; });
  await append(tab, "\n");
  await until(tab, () => /does not answer/.test(document.querySelector("#summary").textContent));
  assert.equal(await text(tab, "#answer"), "");
  await tab.close();
});

await test("views answer", async () => {
  const tab = await open();
  assert.match(await show(tab, "explain"), /^x86_64, |x86_64/);
  assert.match(await show(tab, "listing"), /000: ld +arch/);
  assert.match(await show(tab, "trace"), /clone/);
  assert.match(await show(tab, "simulate"), /x86_64: socket\(AF_INET, SOCK_STREAM.*\n {2}=> allow, by \d+ instructions/);
  await tab.click("#call", { count: 3 });
  await tab.type("#call", "aarch64: clone(CLONE_NEWUSER)");
  assert.match(await text(tab, "#answer"), /^aarch64: clone\(CLONE_NEWUSER.*\n {2}=> deny\(EPERM\)/);
  const hex = await tab.evaluate(() => JSON.parse(globalThis.seccompc("filter", "hex")).value);
  await tab.click("#tab-diff");
  const paste = (value) => tab.$eval("#other", (e, v) => { e.value = v; e.dispatchEvent(new Event("input")); }, value);
  await paste(hex);
  assert.match(await text(tab, "#answer"), /^no difference: proved for every call/);
  await paste("arch x86_64, aarch64\ndefault allow\n");
  assert.match(await text(tab, "#answer"), /^different, such as [^]*CLONE_NEWUSER/);
  await paste("none of the forms");
  assert.match(await text(tab, "#answer"), /./);
  await tab.close();
});

await test("the keyboard reaches the views", async () => {
  const tab = await open();
  await tab.focus("#tab-table");
  await tab.keyboard.press("ArrowRight");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "tab-explain");
  assert.equal(await tab.$eval("#tab-explain", (t) => t.getAttribute("aria-selected")), "true");
  await tab.keyboard.press("Tab");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "panel");
  await tab.close();
});

await test("keystrokes in Docker's profile", async () => {
  const tab = await open();
  await tab.select("#example", "Like Docker's default");
  await until(tab, () => document.querySelector(".grid") && document.querySelectorAll(".grid").length > 2);
  const times = {};
  for (const view of ["table", "explain", "listing"]) {
    await tab.click(`#tab-${view}`);
    times[view] = [];
    for (const key of "# a comment") {
      await append(tab, key === "#" ? "\n#" : key);
      await tab.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
      times[view].push(Number(await tab.$eval("body", (b) => b.dataset.compiled)));
    }
    times[view].sort((a, b) => a - b);
    console.log(`      ${view}: from a keystroke to the proved answer ${times[view][5]} ms (median of ` +
      `${times[view].length}, the longest ${times[view].at(-1)} ms)`);
  }
  await tab.screenshot({ path: "log/docker.png" });
  await tab.close();
});

for (const [name, width, scheme] of [["light", 1280, "light"], ["dark", 1280, "dark"], ["narrow", 390, "dark"]]) {
  await test(`axe-core finds nothing: ${name}`, async () => {
    const tab = await open();
    await tab.setViewport({ width, height: 900 });
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await append(tab, "\ndeny mkdir");
    await until(tab, () => document.querySelector("#findings li"));
    await tab.evaluate(axe);
    for (const view of ["table", "explain", "simulate", "listing", "diff", "trace"]) {
      await tab.click(`#tab-${view}`);
      const { violations } = await tab.evaluate(() => globalThis.axe.run({ preload: false }));
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`), [], view);
    }
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels wider than the screen`);
    await tab.click("#tab-table");
    await tab.screenshot({ path: `log/${name}.png`, fullPage: name === "narrow" });
    await tab.close();
  });
}

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
