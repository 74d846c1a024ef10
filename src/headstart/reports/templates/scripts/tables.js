// Tables that sort by a button in each head (but for those whose rows mix units or are steps), and that can be saved as CSV.

const UNITS = { ms: 0.001, s: 1, min: 60, h: 3600, MiB: 1, GiB: 1024, million: 1e6 };
const NUMBER = /([+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*(ms|s|min|h|MiB|GiB|million)?(?![a-z])/gi;
const collator = new Intl.Collator(undefined, { numeric: true });

// The size that a cell begins with, in one unit: "2 min 5 s" is 125. NaN where it begins with none.
function sizeOf(text) {
  const words = plain(text);
  if (!/^[+-]?\d/.test(words)) return NaN;
  let size = NaN;
  for (const [, digits, unit] of words.matchAll(NUMBER)) {
    const part = Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1);
    if (Number.isNaN(size)) size = part;
    else if (unit) size += part; // the rest of a duration
    if (!unit) break;
  }
  return size;
}

const main = cell => cell?.querySelector('b, bdi')?.textContent ?? cell?.textContent ?? '';

// Cells of one column, whatever spans there are in the heads: [head, place of its first column].
function headsOf(table) {
  const taken = new Set();
  const found = [];
  [...table.tHead.rows].forEach((row, y) => {
    let x = 0;
    for (const head of row.cells) {
      while (taken.has(`${x} ${y}`)) x += 1;
      for (let dy = 0; dy < head.rowSpan; dy += 1)
        for (let dx = 0; dx < head.colSpan; dx += 1) taken.add(`${x + dx} ${y + dy}`);
      found.push([head, x, y + head.rowSpan === table.tHead.rows.length]);
      x += head.colSpan;
    }
  });
  return found.filter(([head, , isLowest]) => isLowest && plain(head.textContent)).map(([head, x]) => [head, x]);
}

const cellAt = (row, place) => {
  let x = 0;
  for (const cell of row.cells) {
    if (place < x + cell.colSpan) return cell;
    x += cell.colSpan;
  }
  return undefined;
};

// A button in a head that goes through its orders; ``sort`` gets 1, -1, or 0 for the order at first.
function sortButton(head, isLargestFirst, heads, sort) {
  const button = make('button', { type: 'button', className: 'sorts' }, ...head.childNodes);
  head.append(button);
  const orders = isLargestFirst ? ['descending', 'ascending', ''] : ['ascending', 'descending', ''];
  button.onclick = () => {
    const next = orders[(orders.indexOf(head.getAttribute('aria-sort') ?? '') + 1) % orders.length];
    for (const each of heads) each.removeAttribute('aria-sort');
    if (next) head.setAttribute('aria-sort', next);
    sort({ ascending: 1, descending: -1, '': 0 }[next]);
  };
}

function sortable(table) {
  const body = table.tBodies[0];
  const first = [...body.rows];
  const heads = headsOf(table);
  table.classList.add('sortable');
  for (const [head, place] of heads) {
    const texts = new Map(first.map(row => [row, main(cellAt(row, place))]));
    const sizes = new Map(first.map(row => [row, sizeOf(texts.get(row))]));
    const isNumber = first.some(row => !Number.isNaN(sizes.get(row))) && cellAt(first[0], place)?.tagName === 'TD';
    const isBlank = row => (isNumber ? Number.isNaN(sizes.get(row)) : !plain(texts.get(row)));
    sortButton(head, isNumber, heads.map(([each]) => each), direction => {
      const rows = [...first];
      if (direction)
        rows.sort((a, b) => {
          if (isBlank(a) || isBlank(b)) return isBlank(a) - isBlank(b); // always last
          const order = isNumber ? sizes.get(a) - sizes.get(b) : collator.compare(texts.get(a), texts.get(b));
          return direction * order;
        });
      body.append(...rows);
    });
  }
}

// Rows of texts; a value and its interval in one cell become two.
function rowsOf(table) {
  const rows = [...table.querySelectorAll('tr')].filter(row => !row.closest('tfoot[aria-hidden]'));
  const bodies = rows.filter(row => !row.closest('thead'));
  const hasSpan = new Set();
  const each = row => [...row.cells].filter(cell => !cell.matches('.drawn'));
  for (const row of bodies)
    each(row).forEach((cell, at) => cell.querySelector('b') && cell.querySelector('small') && hasSpan.add(at));
  return rows.map(row =>
    each(row).flatMap((cell, at) => {
      const small = cell.querySelector('small');
      if (row.closest('thead')) return hasSpan.has(at) ? [plain(cell.textContent), 'interval'] : [plain(cell.textContent)];
      if (hasSpan.has(at)) return [plain(cell.querySelector('b')?.textContent ?? ''), plain(small?.textContent ?? '')];
      return [plain(small && cell.tagName === 'TH' ? main(cell) : cell.textContent)];
    }),
  );
}

for (const table of document.querySelectorAll('main table:not(#predictions-table)')) {
  const isSimple = table.tHead && table.tBodies.length === 1 && !table.querySelector('tbody [rowspan]');
  if (isSimple && !table.matches('.matrix, .fixed') && table.tBodies[0].rows.length > 2) sortable(table);
}
