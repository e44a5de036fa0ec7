/** The people of the dev stack's simulated Facebook. The gateway writes them into the page, separated by `|`. */
export function demoPeople(): string[] {
  const content = document.querySelector('meta[name="pagekeeper-demo"]')?.getAttribute("content") ?? "";
  return content
    .split("|")
    .map(person => person.trim())
    .filter(person => person !== "");
}
