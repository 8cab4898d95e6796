// Opens pages in a browser as people do, and prints what it saw as JSON.
//
//   node look.cjs BROWSER FOLDER URL...
//
// Each page is opened at three widths, light and dark, in forced colours and as paper. Of each view:
// violations of axe-core's rules, requests, messages of the console, and how far it is wider than
// the window. Screenshots and the printed page go into FOLDER.
"use strict";

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = [375, 768, 1280].flatMap((width) => [
  { name: `${width}-light`, width, media: { colorScheme: "light" } },
  { name: `${width}-dark`, width, media: { colorScheme: "dark" } },
]).concat([
  { name: "768-forced-colours", width: 768, media: { forcedColors: "active" } },
  { name: "794-paper", width: 794, media: { media: "print", colorScheme: "dark" } },
]);
const QUIET = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

async function look(browser, url, view, folder) {
  const page = await browser.newPage({ viewport: { width: view.width, height: 900 } });
  const requests = [];
  const messages = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("dialog", (dialog) => messages.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  await page.emulateMedia(view.media);
  await page.goto(url);
  const name = `${new URL(url).pathname.slice(1)}-${view.name}`;
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  if (view.media.media === "print") {
    await page.pdf({ path: join(folder, `${name}.pdf`), preferCSSPageSize: true });
  }
  await page.evaluate(AXE); // by the debugger: the page itself allows no script
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  await page.close();
  const violations = found.violations.map(
    (each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`,
  );
  return { name, violations, requests, messages, wider, passes: found.passes.length };
}

async function main([executablePath, folder, ...urls]) {
  const args = process.getuid() === 0 ? [...QUIET, "--no-sandbox"] : QUIET;
  const browser = await chromium.launch({ executablePath, args });
  const seen = [];
  for (const url of urls) {
    for (const view of VIEWS) {
      seen.push(await look(browser, url, view, folder));
    }
  }
  await browser.close();
  console.log(JSON.stringify(seen));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
