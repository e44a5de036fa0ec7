import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

interface StackFile {
  gateway: string;
  graph_sim: string;
}

const file = process.env.PAGEKEEPER_STACK;
if (!file) throw new Error("PAGEKEEPER_STACK must name the stack.json of a running stack");

/** Where the running stack is. */
export const stack = JSON.parse(readFileSync(resolve(file), "utf8")) as StackFile;

/** The demo person's session, kept for the tests after the first login. */
export const sessionFile = join(dirname(resolve(file)), "browser-session.json");
