import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, type Page } from "@playwright/test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** WCAG 2.2 AA, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async rules => {
    const { run } = (
      window as unknown as { axe: { run: (...args: unknown[]) => Promise<{ violations: Violation[] }> } }
    ).axe;
    return (await run(document, { runOnly: rules })).violations;
  }, RULES);
  const told = found.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.target.join(" ")} ${node.failureSummary}`),
  );
  expect(told, `accessibility of ${page.url()}`).toEqual([]);
}
