import ts from "typescript";
import { expect, it } from "vitest";

const components = import.meta.glob<string>("../**/*.tsx", { query: "?raw", import: "default", eager: true });

/** Attributes that people read or hear. */
const SPOKEN = new Set(["aria-label", "title", "label", "placeholder", "alt", "description"]);
/** Names of keys and signs are the same in every language. */
const SIGNS = /^(Ctrl K|\?|[^\p{L}]*)$/u;

it.each(Object.entries(components))("%s takes its words from the words", (file, text) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
      if (SPOKEN.has(node.name.getText())) found.push(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  expect(found.filter(text => !SIGNS.test(text))).toEqual([]);
});
