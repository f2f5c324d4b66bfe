// report.html as its readers meet it: in Chromium, wide and narrow, light and dark, on paper and by keyboard.
//
//   node check.mjs ONROLL BENCH_WORLD FOLDER
//
// Makes the pages in FOLDER (sample nights; a first night of 6,000 people, some with hostile names; a refused night; two
// snapshots compared),
// opens each and fails with everything that is wrong. Screenshots stay in FOLDER/shots.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [onroll, benchWorld, folder] = process.argv.slice(2);
// Where the packages lie is the caller's choice; `import` would look beside this file only.
const load = createRequire(join(process.env.ONROLL_BROWSER_MODULES ?? process.cwd(), "package.json"));
const { chromium } = load("playwright-core");
const axe = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
const ROWS_MAX = 5000;
const HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "=HYPERLINK(\"https://e.org\",\"x\")", "Llan".repeat(75), "A\u202Eb", "</script>"];
const wrong = [];
const check = (is, what) => { if (!is) wrong.push(what); };

const run = (...words) => {
  try {
    execFileSync(onroll, words, { stdio: "pipe" });
  } catch (error) {
    if (![3, 4].includes(error.status)) throw error;
  }
};
const reports = (workspace) => {
  const runs = join(workspace, "runs");
  return readdirSync(runs).sort().map((name) => join(runs, name, "report.html")).filter(existsSync);
};

function worlds() {
  mkdirSync(join(folder, "shots"), { recursive: true });
  run("demo", join(folder, "demo"));
  const crowd = join(folder, "crowd");
  execFileSync(benchWorld, [join(folder, "world"), "6000"], { stdio: "pipe" });
  run("init", crowd, "--policy", "hwb");
  cpSync(join(folder, "world", "mis"), join(crowd, "mis"), { recursive: true });
  const table = join(crowd, "mis", "learners.csv");
  const lines = readFileSync(table, "utf8").split("\n");
  const at = lines[0].split(",").indexOf("legal_forename");
  for (let line = 1, n = 0; line < lines.length - 1; line += 40, n += 1) {
    const cells = lines[line].split(",");
    cells[at] = "\"" + HOSTILE[n % HOSTILE.length].replaceAll("\"", "\"\"") + "\"";
    lines[line] = cells.join(",");
  }
  writeFileSync(table, lines.join("\n"));
  run("run", "-C", crowd, "--as-of", "2026-03-10");
  const refused = join(folder, "refused");
  run("init", refused, "--policy", "glow");
  run("run", "-C", refused, "--as-of", "2026-03-10");
  // The nights with most to tell; the quiet ones between are the same page with less in it.
  const samples = ["hwb", "glow"].flatMap((name) => reports(join(folder, "demo", name)).filter((_, at) => at % 2 === 0));
  const hwb = join(folder, "demo", "hwb");
  const current = readFileSync(join(hwb, "directory", "CURRENT"), "utf8").trim();
  const before = readdirSync(join(hwb, "directory")).find((name) => name !== current && !name.includes(".") && name !== "CURRENT");
  run("diff", "-C", hwb, before, "CURRENT", "--format", "html", "--out", join(folder, "diff.html"));
  return { samples, crowd: reports(crowd), refused: reports(refused), diff: join(folder, "diff.html") };
}

async function open(browser, file, name, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => check(message.type() !== "error", name + ": console: " + message.text()));
  page.on("pageerror", (error) => wrong.push(name + ": " + error));
  page.on("dialog", (dialog) => { wrong.push(name + ": a dialog opened"); dialog.dismiss(); });
  page.on("request", (request) => check(request.url() === pathToFileURL(file).href, name + ": it asked for " + request.url()));
  await page.goto(pathToFileURL(file).href);
  return page;
}

async function accessible(page, name) {
  // Through the debugger, which the page's own content policy does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, nodes } of violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
    wrong.push(name + ": axe: " + impact + " " + id + ": " + nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; "));
  }
}

const count = (page) => page.locator("#rows tr").count();
const cells = (page, at) => page.locator("#rows tr td:nth-child(" + at + ")").allTextContents();

async function until(is) {
  for (let tries = 0; tries < 200 && !(await is()); tries += 1) await new Promise((go) => setTimeout(go, 50));
}

async function looks(browser, file, name) {
  const views = [["wide", { viewport: { width: 1280, height: 900 }, colorScheme: "light" }],
    ["wide-dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "light" }],
    ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }]];
  for (const [view, options] of views) {
    const page = await open(browser, file, name + " " + view, options);
    await accessible(page, name + " " + view);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(wider <= 0, name + " " + view + ": the page scrolls sideways by " + wider);
    await page.screenshot({ path: join(folder, "shots", name + "-" + view + ".png"), fullPage: view === "phone" && !name.includes("crowd") });
    await page.context().close();
  }
}

async function works(browser, file) {
  const page = await open(browser, file, "crowd", { viewport: { width: 1280, height: 900 } });
  const said = () => page.locator("#count").textContent();
  check((await said()) === "100 of " + ROWS_MAX + " changes shown", "crowd: it begins with " + (await said()));
  check(await page.getByText("more stand in plan.csv").isVisible(), "crowd: it does not say that there are more");
  await page.locator("#more").click();
  check((await count(page)) === 600, "crowd: more shows " + (await count(page)) + " rows");

  await page.locator("#text").fill("<img src=x");
  // The page's content policy forbids what waiting inside it would need.
  await until(async () => !(await said()).includes("of " + ROWS_MAX));
  const found = await count(page);
  check(found > 0 && found < 100, "crowd: a hostile name finds " + found + " rows");
  const texts = await page.locator("#rows tr").allTextContents();
  check(texts.every((text) => text.includes("<img src=x onerror=alert(2)>")), "crowd: a row without the words");
  check((await page.locator("#rows img, #rows script").count()) === 0, "crowd: a name became an element");
  check((await page.locator("#rows tr:first-child td").count()) === 9, "crowd: a hostile row has another width");

  await page.locator("#text").fill("");
  await until(async () => (await said()).includes("of " + ROWS_MAX));
  const header = page.getByRole("button", { name: "username" });
  await header.focus();
  await page.keyboard.press("Enter");
  const up = await cells(page, 4);
  check(up.every((name, at) => at === 0 || up[at - 1] <= name), "crowd: not sorted upwards");
  await page.keyboard.press("Enter");
  const down = await cells(page, 4);
  check(down.every((name, at) => at === 0 || down[at - 1] >= name) && down[0] > up[0], "crowd: not sorted downwards");
  check((await page.locator("th[aria-sort='descending']").count()) === 1, "crowd: the order is not told to a screen reader");

  const school = await page.locator("#school option").nth(1).getAttribute("value");
  await page.locator("#school").selectOption(school);
  check(await page.getByRole("heading", { name: "Establishment " + school }).isVisible(), "crowd: no view of one establishment");
  check((await cells(page, 3)).every((code) => code === school), "crowd: rows of another establishment");
  await accessible(page, "crowd, one establishment");
  await page.screenshot({ path: join(folder, "shots", "crowd-school.png"), fullPage: false });
  await page.context().close();

  const reach = await open(browser, file, "crowd by keyboard", { viewport: { width: 1280, height: 900 } });
  const met = [];
  for (let step = 0; step < 40; step += 1) {
    await reach.keyboard.press("Tab");
    met.push(await reach.evaluate(() => document.activeElement.id || document.activeElement.className));
  }
  for (const id of ["skip", "text", "action", "status", "school"]) check(met.includes(id), "keyboard: never at " + id);
  await reach.context().close();
}

async function prints(browser, file) {
  const page = await open(browser, file, "paper", { viewport: { width: 800, height: 1100 } });
  await page.emulateMedia({ media: "print" });
  check(await page.locator("#h-removals").isVisible(), "paper: no removals");
  check(!(await page.locator("#text").isVisible()), "paper: controls are printed");
  writeFileSync(join(folder, "shots", "paper.pdf"), await page.pdf({ format: "A4" }));
  await page.context().close();
}

const made = worlds();
check(made.samples.length > 3 && made.crowd.length === 1 && made.refused.length === 1, "reports are missing");
const browser = await chromium.launch({
  executablePath: process.env.ONROLL_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  for (const [at, file] of made.samples.entries()) await looks(browser, file, "sample-" + at);
  await looks(browser, made.crowd[0], "crowd");
  await looks(browser, made.refused[0], "refused");
  await looks(browser, made.diff, "diff");
  await works(browser, made.crowd[0]);
  await prints(browser, made.samples.at(-1));
} finally {
  await browser.close();
}
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log((made.samples.length + 3) + " pages, wide and narrow, light and dark: nothing loads, nothing runs that should not, axe finds nothing serious");
