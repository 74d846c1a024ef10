// The exported model in a browser, or in Node: import { load, classify } from "./reader.mjs".
// It runs where the page is open; no input leaves it. onnxruntime-web is expected in ./ort (see README.md).
import * as ort from "./ort/ort.wasm.min.mjs";
import { answer } from "./answers.mjs";
import { KINDS } from "./inputs.mjs";

/** The model and its facts, from the folder that holds model.json. */
export async function load(folder = new URL(".", import.meta.url)) {
  ort.env.wasm.numThreads = 1; // more need a page that is isolated from others
  ort.env.wasm.wasmPaths = new URL("ort/", folder).href;
  const json = async (name) => JSON.parse(new TextDecoder().decode(await content(new URL(name, folder))));
  const facts = await json("model.json");
  const assets = await Promise.all(facts.inputs.map((asked) => KINDS[asked.kind].prepared?.(asked, json)));
  const session = await ort.InferenceSession.create(await content(new URL(facts.file, folder)), { executionProviders: ["wasm"] });
  return { facts, assets, session };
}

async function content(url) {
  if (url.protocol === "file:") return (await import("node:fs/promises")).readFile(url);
  const found = await fetch(url);
  if (!found.ok) throw new Error(`${url.pathname} cannot be fetched (${found.status})`);
  return new Uint8Array(await found.arrayBuffer());
}

/**
 * What the model says of an input: { prediction, probability, probabilities }, of a number { prediction, low, high }.
 * An input is a picture or a recording (File or Blob), a text, an array of two texts, or an object with the cells of a
 * row by column; cells that are pictures or recordings are Files or Blobs.
 */
export async function classify({ facts, session, assets }, input) {
  const given = {};
  for (const [place, asked] of facts.inputs.entries()) {
    const { type, data, dims } = await KINDS[asked.kind].tensor(facts.is_row ? part(input, asked) : input, asked, assets[place]);
    given[asked.name] = new ort.Tensor(type, data, dims);
  }
  const found = await session.run(given, [facts.output]);
  return answer(Array.from(found[facts.output].data), facts);
}

/** What one input of the model is made of: all columns of a row, a text, two texts, a file. */
function part(row, { kind, columns }) {
  if (kind === "columns") return row;
  const lacking = columns.find((name) => !Object.hasOwn(row, name));
  if (lacking !== undefined) throw new Error(`the row lacks the column “${lacking}”`);
  const cells = columns.map((name) => row[name]);
  if (kind === "image" || kind === "sound") return cells[0];
  const texts = cells.map((cell) => String(cell ?? "")).map((text) => (text.trim() ? text : "-"));
  return texts.length === 1 ? texts[0] : texts;
}
