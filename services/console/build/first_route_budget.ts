import { gzipSync } from "node:zlib";

import type { Plugin, Rolldown } from "vite";

/** Fails the build when what any route needs before its first paint outgrows the budget. */
export function firstRouteBudget({ gzippedKilobytes }: { gzippedKilobytes: number }): Plugin {
  return {
    name: "first-route-budget",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter(output => output.type === "chunk");
      const byName = new Map(chunks.map(chunk => [chunk.fileName, chunk]));
      const entry = chunks.find(chunk => chunk.isEntry);
      if (!entry) return;
      for (const route of [entry, ...chunks.filter(isRoute)]) {
        const needed = closure([entry, route], byName);
        const size = needed.reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0) / 1000;
        const line = `${route.name}: ${size.toFixed(1)} kB gzipped JavaScript before first paint`;
        if (size > gzippedKilobytes) this.error(`${line}, allowed are ${gzippedKilobytes} kB`);
        this.info(line);
      }
    },
  };
}

function isRoute(chunk: Rolldown.OutputChunk): boolean {
  return chunk.isDynamicEntry && chunk.name.endsWith("Page");
}

/** These chunks and all that they import at once. */
function closure(start: Rolldown.OutputChunk[], byName: Map<string, Rolldown.OutputChunk>): Rolldown.OutputChunk[] {
  const found = new Set<Rolldown.OutputChunk>();
  const visit = (chunk: Rolldown.OutputChunk | undefined) => {
    if (!chunk || found.has(chunk)) return;
    found.add(chunk);
    chunk.imports.forEach(name => visit(byName.get(name)));
  };
  start.forEach(visit);
  return [...found];
}
