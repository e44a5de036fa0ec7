import { test as base, expect } from "@playwright/test";

/** The most that a page may move its content by itself (cumulative layout shift). */
const LARGEST_SHIFT = 0.05;

/** Counts what moved without the reader's doing. Runs in the browser. */
function countShifts(): void {
  const counted = window as unknown as { layoutShift: number };
  counted.layoutShift = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries() as (PerformanceEntry & { hadRecentInput: boolean; value: number })[]) {
      if (!entry.hadRecentInput) counted.layoutShift += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** Every test's page is watched: nothing breaks the content security policy, throws, or moves. */
export const test = base.extend<{ ignoresLayoutShift: boolean }>({
  ignoresLayoutShift: [false, { option: true }],
  page: async ({ page, ignoresLayoutShift, baseURL }, use) => {
    const faults: string[] = [];
    page.on("pageerror", error => faults.push(`thrown: ${error.message}`));
    page.on("console", message => {
      if (message.text().includes("Content Security Policy")) faults.push(message.text());
    });
    await page.addInitScript(countShifts);
    await use(page);
    expect(faults).toEqual([]);
    if (ignoresLayoutShift || !baseURL || !page.url().startsWith(baseURL)) return;
    const shift = await page.evaluate(() => (window as unknown as { layoutShift: number }).layoutShift);
    expect(shift, "layout shift").toBeLessThanOrEqual(LARGEST_SHIFT);
  },
});

export { expect };
