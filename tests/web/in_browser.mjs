// Uses the page as a person would, in a headless browser without a network, and prints what was seen as JSON.
//   node in_browser.mjs PLAYWRIGHT_DIR BROWSER PAGE SCREENSHOT_DIR  <sentences
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [playwright, executablePath, page_file, screenshots] = process.argv.slice(2);
const { chromium } = createRequire(`${playwright}/`)('playwright-core');
const sentences = readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 900, height: 760 }, offline: true });
const page = await context.newPage();
const seen = { errors: [], requests: [], answers: [] };
page.on('pageerror', (error) => seen.errors.push(String(error)));
page.on('console', (message) => message.type() === 'error' && seen.errors.push(message.text()));
page.on('request', (request) => seen.requests.push(request.url().slice(0, 100)));
await page.goto(`file://${page_file}`);
await page.waitForSelector('body[data-ready]');
seen.facts = await page.textContent('#facts');

const answer = () => page.evaluate(() => ({
  text: document.getElementById('text').value,
  label: document.getElementById('intent').dataset.label ?? '',
  shown: document.getElementById('intent').textContent,
  time: document.getElementById('time').textContent,
  bars: [...document.querySelectorAll('.bar span:last-child')].map((bar) => bar.textContent),
  tokens: [...document.querySelectorAll('#tokens li')].map((chip) => chip.textContent),
  overflows: document.documentElement.scrollWidth > innerWidth,
}));

// The field has the focus from the start, so typing is enough.
for (const sentence of sentences) {
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.type(sentence);
  seen.answers.push(await answer());
}
await page.screenshot({ path: `${screenshots}/desk.png`, fullPage: true });

// By keyboard alone: Tab to the first example, Enter.
await page.keyboard.press('Control+A');
await page.keyboard.press('Delete');
seen.empty = await answer();
await page.keyboard.press('Tab');
await page.keyboard.press('Enter');
seen.example = await answer();
seen.focus = await page.evaluate(() => document.activeElement.id);

await page.setViewportSize({ width: 360, height: 740 });
await page.screenshot({ path: `${screenshots}/phone.png`, fullPage: true });
seen.phone = await answer();
await page.emulateMedia({ colorScheme: 'dark' });
await page.fill('#text', 'asdf qwerty zzz');
await page.screenshot({ path: `${screenshots}/phone-dark.png`, fullPage: true });
seen.dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
await browser.close();
console.log(JSON.stringify(seen));
