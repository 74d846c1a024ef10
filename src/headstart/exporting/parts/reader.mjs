// The exported model in a browser: import { load, classify } from "./reader.mjs".
// It runs where the page is open; no picture leaves it. onnxruntime-web is expected in ./ort (see README.md).
import * as ort from "./ort/ort.wasm.min.mjs";

/** The model and its facts, from the folder that holds model.json. */
export async function load(folder = new URL(".", import.meta.url)) {
  ort.env.wasm.numThreads = 1; // more need a page that is isolated from others
  ort.env.wasm.wasmPaths = new URL("ort/", folder).href;
  const facts = await (await fetch(new URL("model.json", folder))).json();
  const content = await (await fetch(new URL(facts.file, folder))).arrayBuffer();
  return { facts, session: await ort.InferenceSession.create(content, { executionProviders: ["wasm"] }) };
}

/** What the model says of a picture (a File or Blob): { prediction, probability, probabilities }. */
export async function classify({ facts, session }, picture) {
  const { data, height, width } = reduced(await pixels(picture), facts.decode_at_least);
  const found = await session.run({ [facts.input]: new ort.Tensor("uint8", data, [1, height, width, 3]) }, [facts.output]);
  return answer(Array.from(found[facts.output].data), facts);
}

/** RGB of a picture, upright, transparency on white. */
async function pixels(picture) {
  const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image", colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  const data = new Uint8Array(bitmap.width * bitmap.height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    data[to++] = rgba[from];
    data[to++] = rgba[from + 1];
    data[to++] = rgba[from + 2];
  }
  return { data, height: bitmap.height, width: bitmap.width };
}

/** Large pictures at 1/2, 1/4 or 1/8 by means of squares, as a JPEG decoder does it: the model resizes what is left. */
export function reduced({ data, height, width }, [least, leastWidth]) {
  const by = [8, 4, 2].find((each) => height / each >= least && width / each >= leastWidth) ?? 1;
  if (by === 1) return { data, height, width };
  const [rows, columns] = [Math.ceil(height / by), Math.ceil(width / by)];
  const small = new Uint8Array(rows * columns * 3);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = 0; i < by * by; i++) {
          const row = Math.min(y * by + Math.floor(i / by), height - 1);
          sum += data[(row * width + Math.min(x * by + (i % by), width - 1)) * 3 + c];
        }
        small[(y * columns + x) * 3 + c] = Math.round(sum / (by * by));
      }
    }
  }
  return { data: small, height: rows, width: columns };
}

/** From probabilities, or a number, to what is said. */
export function answer(values, { class_names: names, kind, decision: rule }) {
  if (kind === "real") {
    const reach = rule.half_width;
    const found = reach == null ? [values[0]] : [values[0], values[0] - reach, values[0] + reach];
    const said = found.map((each) => (rule.is_logarithm ? Math.max(0, Math.expm1(Math.min(each, 700))) : each));
    return Object.fromEntries(["prediction", "low", "high"].slice(0, said.length).map((name, i) => [name, said[i]]));
  }
  const probabilities = Object.fromEntries(names.map((name, k) => [name, values[k]]));
  if (kind === "multilabel") {
    const given = names.filter((name, k) => values[k] >= (rule.thresholds?.[k] ?? 0.5));
    return { prediction: given.join("|"), probabilities };
  }
  const chosen = decided(values, rule);
  return { prediction: names[chosen], probability: values[chosen], probabilities };
}

/** Number of the most probable class, or of what the model's rule makes of the probabilities. */
function decided(p, rule) {
  const least = (list) => list.indexOf(Math.min(...list));
  const dot = (weights) => p.reduce((sum, each, k) => sum + each * weights[k], 0);
  if (rule.values) return least(rule.values.map((grade) => Math.abs(dot(rule.values) - grade)));
  if (rule.costs) return least(p.map((_, given) => dot(rule.costs.map((row) => row[given]))));
  if (rule.factors) return least(p.map((each, k) => -each * rule.factors[k]));
  if (rule.threshold == null) return p.indexOf(Math.max(...p));
  if (p[rule.positive] >= rule.threshold) return rule.positive;
  const others = p.map((each, k) => (k === rule.positive ? -1 : each));
  return others.indexOf(Math.max(...others));
}
