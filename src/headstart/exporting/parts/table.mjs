// What the model says of each row of a table that was dropped: a list, counts, and a file to save.
import { unread } from "./columns.mjs";
import { at, breakable, during, figure, inWords, made, say, textOf } from "./page.mjs";
import { rowsOf } from "./rows.mjs";

const SHOWN = 200; // rows; all are in the file
const TABLE = /\.(csv|tsv|txt|jsonl|ndjson|json)$/i;
const PAUSE = 250; // milliseconds after which the page is drawn again

export function answerTable(files, inputs) {
  return during("Reading the table ...", async ({ classify, isCurrent }) => {
    const table = files.find((file) => TABLE.test(file.name)) ?? files[0];
    const rows = rowsOf(await textOf(table), table.name, namesOf(inputs));
    if (!rows.length) throw new Error(`${table.name} holds a header and no rows`);
    const answered = async (row) => classify(withFiles(row, files, inputs));
    const said = [];
    let drawn = performance.now();
    for (const row of rows) {
      said.push(await answered(row).catch((error) => ({ error: error.message })));
      if (performance.now() - drawn < PAUSE) continue;
      say(`${said.length} of ${rows.length} rows ...`);
      await new Promise((done) => setTimeout(done));
      if (!isCurrent()) return;
      drawn = performance.now();
    }
    show(table.name, rows, said, inputs);
  });
}

/** Columns that a row must have. */
function namesOf(inputs) {
  return [...new Set(inputs.flatMap(({ columns }) => columns.map((column) => column.name ?? column)))];
}

/** The row, with files in place of the names of pictures and recordings. */
function withFiles(row, files, inputs) {
  const found = { ...row };
  for (const { kind, columns } of inputs) {
    if (kind !== "image" && kind !== "sound") continue;
    const name = String(row[columns[0]]).split(/[/\\]/).at(-1);
    found[columns[0]] = files.find((each) => each.name === name);
    if (!found[columns[0]]) throw new Error(`${name} was not given together with the table`);
  }
  return found;
}

function show(name, rows, said, inputs) {
  const failed = said.filter((each) => each.error !== undefined).length;
  say(`${counted(said.length - failed, "row")} answered${failed ? `, ${failed} not` : ""}.`);
  const save = made("button", { type: "button", class: "main" }, "Save all answers as CSV");
  save.addEventListener("click", () => saved(name, rows, said));
  at("more").replaceChildren(...notes(rows, inputs), ...counts(said), save, list(said));
  window.said = said;
}

/** Which cells could not be read. */
function notes(rows, inputs) {
  const times = new Map();
  for (const asked of inputs.filter((each) => each.kind === "columns")) {
    for (const column of rows.flatMap((row) => unread(row, asked))) times.set(column, (times.get(column) ?? 0) + 1);
  }
  return [...times].map(([column, count]) =>
    made("p", { class: "unclear" }, `In ${counted(count, "row")} “${column}” cannot be read and counts as missing.`));
}

function counted(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function counts(said) {
  const times = new Map();
  for (const { prediction } of said) if (typeof prediction === "string") times.set(prediction, (times.get(prediction) ?? 0) + 1);
  const sorted = [...times].sort((one, other) => other[1] - one[1]);
  return sorted.length ? [made("p", {}, sorted.map(([name, count]) => `${name || "none of them"}: ${count}`).join(", "))] : [];
}

function list(said) {
  const lines = said.slice(0, SHOWN).map((each, place) => {
    const [name, sure] = briefly(each);
    const cell = made("td", each.error === undefined ? {} : { class: "bad" }, breakable(name));
    return made("tr", {}, made("th", { scope: "row", class: "figure" }, String(place + 1)), cell, made("td", { class: "figure" }, sure));
  });
  const title = said.length > SHOWN ? `The first ${SHOWN} rows` : "Row by row";
  return made("table", { class: "rows" }, made("caption", {}, title), made("tbody", {}, ...lines));
}

function briefly(each) {
  if (each.error !== undefined) return [each.error, ""];
  return each.low === undefined ? inWords(each) : [figure(each.prediction), `${figure(each.low)} to ${figure(each.high)}`];
}

/** The table with the answers behind its columns. */
function saved(name, rows, said) {
  const own = [...new Set(rows.flatMap(Object.keys))];
  const plain = said.map(({ probabilities = {}, ...each }) => ({ ...each, ...prefixed(probabilities) }));
  const added = [...new Set(plain.flatMap(Object.keys))];
  const cells = rows.map((row, place) => [...own.map((column) => row[column]), ...added.map((column) => plain[place][column])]);
  const text = [[...own, ...added], ...cells].map((line) => line.map(quoted).join(",")).join("\r\n");
  const file = new Blob([`\ufeff${text}\r\n`], { type: "text/csv" });
  const link = made("a", { href: URL.createObjectURL(file), download: `${name.replace(/\.\w+$/, "")}-answers.csv` });
  link.click();
  URL.revokeObjectURL(link.href);
}

function prefixed(probabilities) {
  return Object.fromEntries(Object.entries(probabilities).map(([name, share]) => [`probability_${name}`, share]));
}

function quoted(cell) {
  const text = String(cell ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
