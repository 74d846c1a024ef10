// What all pages share: the model is loaded, files are taken, and what the model says is shown.

const RUNTIME = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
const FIRST = 10; // classes that are shown at once
let turns = 0; // what was begun later is shown alone
let isAsked = false; // whether an answer is shown, or awaited

export const at = (id) => document.getElementById(id);

export function made(name, attributes = {}, ...children) {
  const found = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  found.append(...children);
  return found;
}

/** A name that may break where people would break it. */
export function breakable(name) {
  const pieces = String(name).split(/(?<=[_/.-])/);
  return made("span", {}, ...pieces.flatMap((piece, place) => (place ? [made("wbr"), piece] : [piece])));
}

/** An input with its label. */
export function field(label, input, ...beside) {
  return made("div", { class: "field" }, made("label", { for: input.id }, breakable(label)), input, ...beside);
}

/** model.json, which is there long before the model. */
export const facts = fetch("model.json").then((found) => {
  if (!found.ok) throw new Error("model.json is not in the folder of this page");
  return found.json();
});

/** { classify } once the model can be asked, or { failure }: why it never can. */
const model = loaded().catch(async (error) => ({ failure: await whyNot(error) }));

async function loaded() {
  const { load, classify } = await import("./reader.mjs");
  const found = await load();
  let last = null; // one input after the other
  return { classify: (input) => (last = Promise.resolve(last).catch(() => {}).then(() => classify(found, input))) };
}

async function whyNot(error) {
  const lacking = [];
  for (const name of RUNTIME) if (!(await fetch(`ort/${name}`, { method: "HEAD" })).ok) lacking.push(name);
  if (!lacking.length) return `The model cannot be loaded: ${error.message}`;
  return `The model cannot run: of onnxruntime-web the folder “ort” lacks ${lacking.join(", ")}. README.md says how to get it.`;
}

model.then(({ failure }) => (failure ? refuse(failure) : turns || say("Ready.")));
facts.then(({ class_names: names }) => (at("about").textContent = about(names)));

function about(names) {
  if (!names.length) return "Predicts a number.";
  let shown = names.length;
  while (shown > 1 && names.slice(0, shown).join(", ").length > 150) shown--;
  const left = names.length - shown;
  return `Tells apart ${names.length}: ${names.slice(0, shown).join(", ")}${left ? ` and ${left} more` : ""}.`;
}

export function say(...content) {
  at("said").className = "";
  at("said").replaceChildren(...content);
}

/** A sentence in place of an answer. */
export function note(text) {
  turns++;
  isAsked = false;
  at("more").replaceChildren();
  say(text);
}

/** A sentence about what cannot be done. */
export function refuse(text) {
  note(text);
  at("said").className = "bad";
  seen();
}

/** An answer beside another input than its own would mislead. */
export function forget() {
  if (isAsked) note("The input has changed.");
}

function seen() {
  if (at("answer").getBoundingClientRect().top > innerHeight / 2) at("answer").scrollIntoView();
}

/** Does `work({ classify, isCurrent })` once the model is there; says why where that fails. */
export async function during(text, work) {
  const own = ++turns;
  const isCurrent = () => own === turns;
  isAsked = true;
  at("more").replaceChildren();
  say(text);
  try {
    const { classify, failure } = await model;
    if (failure) return refuse(failure);
    await new Promise((done) => setTimeout(done)); // so that the text is drawn before the model computes
    await work({ classify, isCurrent });
    if (isCurrent()) seen();
  } catch (error) {
    if (isCurrent()) refuse(`This cannot be shown to the model: ${error.message}.`);
  }
}

/** What the model says of one input. */
export function ask(input) {
  return during("Asking the model ...", async ({ classify, isCurrent }) => {
    const began = performance.now();
    const said = await classify(input);
    if (!isCurrent()) return;
    const time = made("span", { class: "soft" }, `(${Math.round(performance.now() - began)} ms)`);
    const [name, sure] = inWords(said);
    say(made("strong", {}, breakable(name)), ` ${sure} `, time);
    at("more").replaceChildren(...classes(Object.entries(said.probabilities ?? {})));
    window.said = said;
  });
}

/** The prediction, and how sure it is. */
export function inWords({ prediction, probability, low, high }) {
  if (typeof prediction === "number") {
    return [figure(prediction), low === undefined ? "" : `probably between ${figure(low)} and ${figure(high)}`];
  }
  if (probability !== undefined) return [prediction, percent(probability)];
  return [prediction.replaceAll("|", ", ") || "none of them", ""]; // a set of labels
}

export const figure = (value) => String(Number(value.toPrecision(5)));
const percent = (share) => `${(100 * share).toFixed(1)} %`;

function classes(found) {
  const sorted = found.sort((one, other) => other[1] - one[1]);
  const [first, rest] = [sorted.slice(0, FIRST), sorted.slice(FIRST)];
  const table = (some) => made("table", {}, made("caption", {}, "Probability of each class"), made("tbody", {}, ...some.map(line)));
  const tables = [first, rest].filter((each) => each.length).map(table);
  return rest.length ? [tables[0], made("details", {}, made("summary", {}, `${rest.length} more`), tables[1])] : tables;
}

function line([name, share]) {
  const meter = made("meter", { value: share, "aria-label": name });
  return made("tr", {}, made("th", { scope: "row" }, breakable(name)), made("td", {}, meter), made("td", { class: "figure" }, percent(share)));
}

/** Files that are pasted, dropped anywhere on the page, or chosen where the page has a field for that. */
export function takeFiles(take) {
  const [drop, input] = [at("drop"), at("file")];
  input?.addEventListener("change", () => input.files.length && take([...input.files]));
  document.addEventListener("paste", (event) => event.clipboardData.files.length && take([...event.clipboardData.files]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      drop?.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) take([...event.dataTransfer.files]);
    });
  }
}

/** What a file says that holds text. */
export async function textOf(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} is not text in UTF-8; of a spreadsheet save the sheet as CSV (UTF-8)`);
  }
}

/** Shows a picture, or lets a recording be heard, where the browser can. */
export function showFile(element, file) {
  URL.revokeObjectURL(element.src);
  element.onerror = () => (element.hidden = true);
  element.src = URL.createObjectURL(file);
  element.hidden = false;
}
