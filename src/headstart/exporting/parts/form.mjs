// A form for one row: a field for each cell that the model reads.
import { unread } from "./columns.mjs";
import { field, made } from "./page.mjs";

const CHOICES = 60; // categories up to which a column is a choice; above, what is known is suggested
const OTHER = "\0"; // no category is written so
const MEANT = { number: "a number", date: "a date", boolean: "yes or no" };

/** { name, shown, read }: a column's field, and what it holds. */
export function fieldsOf(inputs) {
  const found = new Map(); // several inputs may read one column
  for (const { kind, columns } of inputs) {
    for (const column of columns) {
      const name = column.name ?? column;
      if (!found.has(name)) found.set(name, named(name, `cell-${found.size}`, kind === "columns" ? column : { kind }));
    }
  }
  return [...found.values()];
}

function named(name, id, column) {
  const [input, ...beside] = inputOf(id, column);
  const isFile = input.type === "file";
  const read = () => {
    if (isFile && !input.files.length) throw new Error(`Choose a file for “${name}”.`);
    return isFile ? input.files[0] : input.value === "" ? null : input.value;
  };
  return { name, input, read, shown: field(name, input, ...beside) };
}

function inputOf(id, { kind, levels = [] }) {
  if (kind === "image") return [made("input", { id, type: "file", accept: "image/*" })];
  if (kind === "sound") return [made("input", { id, type: "file", accept: "audio/*" })];
  if (kind === "text" || kind === "terms") return [made("textarea", { id, rows: 3 })];
  if (kind === "boolean") return [choice(id, [["yes", "yes"], ["no", "no"]])];
  if (kind === "date") return [made("input", { id, type: "date" })];
  if (kind === "number") return [made("input", { id, inputmode: "decimal", autocomplete: "off" })];
  if (levels.length && levels.length <= CHOICES) {
    return [choice(id, [...levels.map((level) => [level, level]), [OTHER, "something else"]])];
  }
  const known = made("datalist", { id: `${id}-known` }, ...levels.map((value) => made("option", { value })));
  return [made("input", { id, list: known.id, autocomplete: "off" }), known];
}

function choice(id, pairs) {
  return made("select", { id }, ...[["", "unknown"], ...pairs].map(([value, text]) => made("option", { value }, text)));
}

/** The row that the fields hold; what is no number where one is asked for is refused. */
export function rowOf(fields, inputs) {
  const row = Object.fromEntries(fields.map((each) => [each.name, each.read()]));
  const columns = inputs.filter((each) => each.kind === "columns");
  const wrong = columns.flatMap((asked) => unread(row, asked));
  for (const { name, input } of fields) input.setAttribute("aria-invalid", wrong.includes(name));
  if (!wrong.length) return row;
  fields.find((each) => each.name === wrong[0]).input.focus();
  const { kind } = columns.flatMap((asked) => asked.columns).find((column) => column.name === wrong[0]);
  throw new Error(`“${wrong[0]}” must be ${MEANT[kind]}; “${row[wrong[0]]}” is not. Leave it empty where it is not known.`);
}
