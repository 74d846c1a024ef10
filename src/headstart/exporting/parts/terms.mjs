// From a text to the tensor that the model takes: its words, pairs of words and runs of characters, counted.

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORD = new RegExp(`[\\p{L}\\p{N}_]+|[^\\p{L}\\p{N}_${SPACE}]`, "gu");
const CONTROLS = /[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]/g;
const STEP = 64; // terms are padded to multiples of it

/** Numbers of the terms that are known: words first, then runs of characters. */
export async function prepared(asked, folder) {
  const { words, characters } = await (await fetch(new URL(asked.vocabulary, folder))).json();
  return known(words, characters);
}

export function known(words, characters) {
  const numbered = (terms, start) => new Map(terms.map((term, number) => [term, start + number]));
  return { words: numbered(words, 0), characters: numbered(characters, words.length) };
}

/** int32 (1, T, 2): number of a term and how often it comes, -1 where padded. */
export async function tensor(text, asked, { words, characters }) {
  const plain = text.replace(CONTROLS, "");
  if (!plain.trim()) throw new Error("an empty text");
  const read = Array.from(plain).slice(0, asked.characters).join("").normalize("NFC").toLowerCase();
  const counts = new Map();
  const count = (number) => number !== undefined && counts.set(number, (counts.get(number) ?? 0) + 1);
  const found = read.match(WORD) ?? [];
  found.forEach((word) => count(words.get(word)));
  found.slice(1).forEach((word, place) => count(words.get(`${found[place]} ${word}`)));
  for (const word of read.split(new RegExp(`[${SPACE}]+`, "u"))) if (word) runs(word).forEach((run) => count(characters.get(run)));
  const data = new Int32Array(2 * STEP * Math.max(1, Math.ceil(counts.size / STEP))).fill(-1);
  [...counts].sort(([one], [other]) => one - other).forEach((pair, place) => data.set(pair, 2 * place));
  return { type: "int32", data, dims: [1, data.length / 2, 2] };
}

/** Runs of 2 to 5 characters of a word with a space on both sides; a run that is all of it once. */
function runs(word) {
  const padded = Array.from(` ${word} `);
  const found = [];
  for (const length of [2, 3, 4, 5]) {
    for (let start = 0; start <= Math.max(padded.length - length, 0); start++) found.push(padded.slice(start, start + length).join(""));
    if (padded.length <= length) break;
  }
  return found;
}
