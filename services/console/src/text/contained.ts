/**
 * Embeddings, overrides, isolates and marks of direction. Left open in a name, they would turn the words around it.
 * https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Line breaks and other control characters, which have no place in a single line. */
const LINE_CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_DIRECTIONAL_ISOLATE = "\u2069";

/**
 * A customer's or Page's text for the middle of a sentence, a label or a title: it keeps its own direction and cannot
 * reach what stands around it. Where an element of its own is possible, `<bdi>` does the same.
 */
export function contained(text: string): string {
  return FIRST_STRONG_ISOLATE + shortened(singleLine(text)) + POP_DIRECTIONAL_ISOLATE;
}

/** Longer than any name on Facebook: a sentence stays readable around it. */
const LONGEST_NAME = 80;

function shortened(text: string): string {
  const characters = [...text.slice(0, 2 * LONGEST_NAME)];
  return characters.length > LONGEST_NAME ? `${characters.slice(0, LONGEST_NAME - 1).join("")}…` : text;
}

/** Text for one line, without what could break or turn it. */
export function singleLine(text: string): string {
  return text.replace(DIRECTION_CONTROLS, "").replace(LINE_CONTROLS, " ").trim();
}

/** Machines' text for people to look through: what would turn it is written as its number. */
export function withoutTurns(text: string): string {
  return text.replace(DIRECTION_CONTROLS, mark => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
