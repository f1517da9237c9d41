// Lets Playwright answer a page's requests from a HAR file: `node har_replay.mjs CHROMIUM FILE URL…`. Prints, for each URL,
// the status and the text that a page in Chromium gets, as JSON. Nothing is asked of the network.

import { chromium } from 'playwright-core';

const [executablePath, file, page, ...others] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  await context.routeFromHAR(file, { notFound: 'abort' });
  const tab = await context.newPage();
  const opened = await tab.goto(page);
  const found = [{ url: page, status: opened.status(), text: await tab.evaluate(() => document.body.innerText) }];
  for (const url of others) {
    found.push(await tab.evaluate(async (url) => {
      try {
        const answer = await fetch(url, url.includes('/echo') ? { method: 'POST', body: 'hello' } : {});
        return { url, status: answer.status, text: (await answer.text()).slice(0, 1000) };
      } catch (error) {
        return { url, error: String(error) };
      }
    }, url));
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
