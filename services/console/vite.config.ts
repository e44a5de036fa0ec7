import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { firstRouteBudget } from "./build/first_route_budget.ts";

export default defineConfig({
  plugins: [react(), firstRouteBudget({ gzippedKilobytes: 250 })],
  build: {
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node", pool: "threads", isolate: false },
});
