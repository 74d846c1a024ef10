// Rows of a table: of separated text with a header, or JSON objects, one on each line.

const SEPARATORS = [",", ";", "\t", "|"];

/** Objects by column, in the order of the file: cells of .csv and .tsv are texts, null where a line ends early. */
export function rowsOf(text, name, columns) {
  const plain = text.replace(/^\ufeff/, "");
  if (!plain.trim()) throw new Error("it is empty");
  if (/\.(jsonl|ndjson|json)$/i.test(name)) return plain.split(/\r?\n/).filter((line) => line.trim()).map(objectOf);
  const counts = SEPARATORS.map((each) => named(plain, each, columns));
  const [header, ...lines] = linesOf(plain, SEPARATORS[counts.indexOf(Math.max(...counts))]);
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length) throw new Error(`its first line must name the columns of the model, and lacks ${quoted(missing)}`);
  return lines.map((cells) => Object.fromEntries(header.map((column, place) => [column, cells[place] ?? null])));
}

function objectOf(line, place) {
  let found;
  try {
    found = JSON.parse(line);
  } catch {
    found = null;
  }
  if (found === null || typeof found !== "object" || Array.isArray(found)) {
    throw new Error(`each line must hold one JSON object; line ${place + 1} does not (empty ones not counted)`);
  }
  return found;
}

function quoted(names) {
  const shown = names.slice(0, 5).map((name) => `“${name}”`).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** How many of the columns the first line names. */
function named(text, separator, columns) {
  const { value: header = [] } = linesOf(text, separator).next();
  return columns.filter((column) => header.includes(column)).length;
}

/** Cells, line by line, empty lines passed over. As RFC 4180 has it, cells in quotes may hold separators and line ends. */
export function* linesOf(text, separator) {
  let cells = [];
  let at = 0;
  while (at < text.length) {
    const [cell, end] = text[at] === '"' ? quotedCell(text, at, separator) : plainCell(text, at, separator);
    cells.push(cell);
    at = end;
    const isLast = text[at] !== separator;
    if (isLast) {
      if (cells.length > 1 || cell !== "" || text[at - 1] === '"') yield cells;
      cells = [];
      if (text[at] === "\r" && text[at + 1] === "\n") at++;
    } else if (at + 1 === text.length) {
      yield [...cells, ""];
    }
    at++;
  }
}

function plainCell(text, at, separator) {
  let end = at;
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++;
  return [text.slice(at, end), end];
}

function quotedCell(text, at, separator) {
  let cell = "";
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return [cell + text.slice(from), text.length];
    cell += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      const [rest, end] = plainCell(text, quote + 1, separator); // what follows the quote, if anything does
      return [cell + rest, end];
    }
    cell += '"';
    from = quote + 2;
  }
}
