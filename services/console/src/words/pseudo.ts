type Words = { [key: string]: string | Words };

const ACCENTED: Record<string, string> = {
  a: "ǻ", c: "ç", d: "đ", e: "ệ", g: "ĝ", i: "ï", k: "ķ", l: "ļ", n: "ñ", o: "ộ", r: "ř", s: "š", t: "ţ", u: "ử", y: "ý", z: "ž",
  A: "Å", C: "Ç", D: "Đ", E: "É", I: "Î", L: "Ļ", N: "Ñ", O: "Ø", P: "Þ", R: "Ř", S: "Š", T: "Ţ", U: "Ü", W: "Ŵ", Y: "Ỹ",
}; // prettier-ignore

/** `{{name}}` and `<when/>` are filled in later and stay as they are. */
const PLACEHOLDER = /(\{\{[^}]*\}\}|<[a-z]+\/>)/u;

/** English with accents, about 40 % longer, in brackets that show where a text is cut off. */
export function pseudo(english: string): string {
  const accented = english
    .split(PLACEHOLDER)
    .map(part => (PLACEHOLDER.test(part) ? part : accent(part)))
    .join("");
  const letters = english.replace(new RegExp(PLACEHOLDER, "gu"), "").length;
  return `[${accented}${padding(Math.max(0, Math.round(letters * 0.4) - 2))}]`;
}

export function pseudoWords(words: Words): Words {
  return Object.fromEntries(
    Object.entries(words).map(([key, value]) => [key, typeof value === "string" ? pseudo(value) : pseudoWords(value)]),
  );
}

function accent(text: string): string {
  return [...text].map(letter => ACCENTED[letter] ?? letter).join("");
}

/** Words of four letters, so that lines can still break. */
function padding(length: number): string {
  return " ýøľő".repeat(Math.ceil(length / 5)).slice(0, length);
}
