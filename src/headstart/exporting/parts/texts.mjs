// A text, or a pair, as its reader takes it.

const CONTROLS = /[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]/g;

/** The text, or the two of a pair, without control characters. */
export function textsOf(input) {
  const found = [input].flat().map((text) => text.replace(CONTROLS, ""));
  if (!found.some((text) => text.trim())) throw new Error("the text is empty");
  return found;
}
