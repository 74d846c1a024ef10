// From the cells of a row to the tensor that the model takes: numbers, places of categories, parts of dates.

const POINT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const COMMA = /^[+-]?\d+,\d+$/;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?:[T ]+(.+))?$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,]+(.+))?$/;
const DAY_NAME_YEAR = /^(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})$/;
const NAME_DAY_YEAR = /^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?$/;
const MONTHS = "january february march april may june july august september october november december".split(" ");
const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "nil", "nat", "?", "-", "--", ".", "#n/a", "<na>"]);
const TRUTHS = new Map(Object.entries({ true: 1, false: 0, yes: 1, no: 0, y: 1, n: 0, t: 1, f: 0, 1: 1, 0: 0 }));
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${SPACE}|${SPACE}$`, "g");
const DAY = 86400; // seconds

/** float64 (1, C): a number as it is, a code, a date's parts; a missing number is NaN. */
export async function tensor(row, asked) {
  const data = Float64Array.from(asked.columns.flatMap((column) => {
    if (!Object.hasOwn(row, column.name)) throw new Error(`the row lacks the column “${column.name}”`);
    return values(row[column.name], column);
  }));
  return { type: "float64", data, dims: [1, data.length] };
}

function values(cell, { kind, levels, spelling }) {
  if (kind === "category") return [code(cell, levels)];
  if (kind === "boolean") return [truth(cell)];
  return kind === "number" ? [number(cell, spelling)] : dateParts(secondsOf(cell, spelling));
}

/** Names of columns in which something stands that cannot be read: it counts as missing. */
export function unread(row, asked) {
  return asked.columns.filter((column) => {
    if (column.kind === "category" || MISSING.has(stripped(String(row[column.name] ?? "")).toLowerCase())) return false;
    const [found] = values(row[column.name], column);
    return column.kind === "boolean" ? found === 2 : Number.isNaN(found);
  }).map((column) => column.name);
}

function stripped(text) {
  return text.replace(ENDS, "");
}

/** Place of a category; two more stand for any other and for none. */
export function code(cell, levels) {
  const text = stripped(written(cell).normalize("NFC"));
  if (!text) return levels.length + 1;
  const place = levels.indexOf(text);
  return place < 0 ? levels.length : place;
}

/** A cell as the model's categories are written: numbers as Python writes them. */
function written(cell) {
  if (cell == null || Number.isNaN(cell)) return "";
  if (typeof cell === "boolean") return cell ? "True" : "False";
  if (typeof cell !== "number") return String(cell);
  if (Number.isInteger(cell)) return String(BigInt(cell));
  const text = Math.abs(cell) < 1e-4 ? cell.toExponential() : String(cell);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** 0, 1, or 2 where it is missing. */
export function truth(cell) {
  if (typeof cell === "string") return TRUTHS.get(stripped(cell).toLowerCase()) ?? 2;
  return [0, 1, true, false].includes(cell) ? Number(cell) : 2;
}

/** The number, NaN where there is none. */
export function number(cell, spelling) {
  if (typeof cell !== "string") return ["number", "boolean"].includes(typeof cell) && Number.isFinite(+cell) ? +cell : NaN;
  let text = stripped(cell);
  if (spelling === "decimal_comma" && COMMA.test(text)) text = text.replace(",", ".");
  else if (spelling === "thousands_comma" && THOUSANDS.test(text)) text = text.replaceAll(",", "");
  const found = POINT.test(text) ? Number(text) : NaN;
  return Number.isFinite(found) ? found : NaN;
}

/** Seconds since 1970 in UTC of a date that is written, NaN where there is none. */
export function secondsOf(cell, spelling) {
  const text = typeof cell === "string" ? stripped(cell) : "";
  let found = YEAR_FIRST.exec(text);
  if (found) return stamp(found[1], found[3], found[4] ?? 1, found[5]);
  found = YEAR_LAST.exec(text);
  if (found) {
    const monthFirst = found[2] !== "." && spelling === "month_first";
    const [day, month] = monthFirst ? [found[3], found[1]] : [found[1], found[3]];
    const isTold = found[2] === "." || spelling === "day_first" || spelling === "month_first";
    return isTold ? stamp(found[4], month, day, found[5]) : NaN;
  }
  found = DAY_NAME_YEAR.exec(text);
  if (found) return stamp(found[3], monthOf(found[2]), found[1]);
  found = NAME_DAY_YEAR.exec(text);
  return found ? stamp(found[3], monthOf(found[1]), found[2]) : NaN;
}

/** 1 to 12 of a name or its first three letters, 0 for any other. */
function monthOf(name) {
  const lower = name.toLowerCase();
  return 1 + MONTHS.findIndex((full) => lower === full || lower === full.slice(0, 3));
}

/** Seconds since 1970 in UTC; NaN for a day or a time that there is not. */
function stamp(...given) {
  const [year, month, day] = given.slice(0, 3).map(Number);
  const clock = given[3] ? CLOCK.exec(stripped(given[3])) : null;
  if (given[3] && !clock) return NaN;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN;
  const seconds = date.getTime() / 1000;
  if (!clock) return seconds;
  const [hour, minute, second] = [clock[1], clock[2], clock[3] ?? 0].map(Number);
  if (hour > 24 || minute > 59 || second > 60) return NaN;
  const zone = clock[5] ?? "Z";
  const shift = "+-".includes(zone[0]) ? Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60 : 0;
  const time = hour * 3600 + minute * 60 + second + (clock[4] ? Number(`0.${clock[4]}`) : 0);
  return seconds + time + (zone[0] === "+" ? -shift : shift);
}

/** Days since 1970, year, month 1-12, weekday 0-6 from Monday, day 1-31, hour 0-24. */
function dateParts(seconds) {
  if (Number.isNaN(seconds)) return Array(6).fill(NaN);
  const days = seconds / DAY;
  const whole = Math.floor(days);
  const on = new Date(whole * DAY * 1000);
  const weekday = (((whole + 3) % 7) + 7) % 7;
  return [days, on.getUTCFullYear(), on.getUTCMonth() + 1, weekday, on.getUTCDate(), (days - whole) * 24];
}
