// From a text, or a pair, to the tensor that the model takes: its words, pairs of words and runs of characters, counted.
import { textsOf } from "./texts.mjs";

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORD = new RegExp(`[\\p{L}\\p{N}_]+|[^\\p{L}\\p{N}_${SPACE}]`, "gu");
const SPACES = new RegExp(`[${SPACE}]+`, "u");
const SECOND = "\x02"; // stands before the words of the second text of a pair
const STEP = 64; // terms are padded to multiples of it

/** Numbers of the terms that are known: words first, then runs of characters. */
export async function prepared(asked, json) {
  const { words, characters } = await json(asked.vocabulary);
  const numbered = (terms, start) => new Map(terms.map((term, number) => [term, start + number]));
  return { words: numbered(words, 0), characters: numbered(characters, words.length) };
}

/** int32 (1, T, 2): number of a term and how often it comes, -1 where padded. */
export async function tensor(input, asked, { words, characters }) {
  const beginning = (text) => Array.from(text).slice(0, asked.characters).join("");
  const texts = textsOf(input).map((text) => beginning(text).normalize("NFC").toLowerCase());
  const counts = new Map();
  const count = (number) => number !== undefined && counts.set(number, (counts.get(number) ?? 0) + 1);
  texts.forEach((text, place) => wordTerms(text, place ? SECOND : "").forEach((term) => count(words.get(term))));
  const apart = texts.join(" ").split(SPACES).filter(Boolean);
  apart.forEach((word) => runs(word).forEach((run) => count(characters.get(run))));
  const data = new Int32Array(2 * STEP * Math.max(1, Math.ceil(counts.size / STEP))).fill(-1);
  [...counts].sort(([one], [other]) => one - other).forEach((pair, place) => data.set(pair, 2 * place));
  return { type: "int32", data, dims: [1, data.length / 2, 2] };
}

/** Words, marks and pairs of neighbours; those of a second text are marked. */
function wordTerms(text, mark) {
  const words = (text.match(WORD) ?? []).map((word) => mark + word);
  return [...words, ...words.slice(1).map((word, place) => `${words[place]} ${word}`)];
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
